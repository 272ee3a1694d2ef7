/**
 * A transform for the AssemblyScript compiler: puts a call `__cover(id)` before each statement of assembly/core, for
 * test/core/coverage.mjs. Where the statements stand goes to the file that the environment names, one `[file, line]` an id.
 */
import { writeFileSync } from "node:fs";
import { Node, NodeKind } from "assemblyscript";
import { Transform } from "assemblyscript/transform";

/** Where the list of statements goes. */
export const LIST = "CLUSTER_LOCAL_STATEMENTS";

/** The fields of a statement that hold a statement of their own, which may stand there without a block. */
const BODIES = ["ifTrue", "ifFalse", "body"];
const NESTING = new Set([NodeKind.If, NodeKind.For, NodeKind.ForOf, NodeKind.While, NodeKind.Do]);

export default class Cover extends Transform {
  afterParse(parser) {
    const statements = [];
    for (const source of parser.sources) {
      if (source.normalizedPath.startsWith("assembly/core/")) new Walk(source, statements).into(source);
    }
    const declaration = '@global @external("coverage", "hit") declare function __cover(id: i32): void;';
    parser.parseFile(declaration, "coverage.ts", true);
    writeFileSync(process.env[LIST], JSON.stringify(statements));
  }
}

/** Walks one source, and instruments the bodies of its functions; what stands outside of them runs in any case. */
class Walk {
  seen = new Set();

  constructor(source, statements) {
    this.source = source;
    this.statements = statements;
  }

  into(node) {
    if (typeof node !== "object" || node === null || this.seen.has(node)) return;
    this.seen.add(node);
    if (node.kind === NodeKind.FunctionDeclaration || node.kind === NodeKind.MethodDeclaration) {
      if (node.body) node.body = this.block(node.body);
      return;
    }
    for (const [key, child] of Object.entries(node)) {
      // A range leads back to the source as a whole.
      if (key !== "range") for (const item of Array.isArray(child) ? child : [child]) this.into(item);
    }
  }

  /** A statement as a block, each statement in it behind its call. */
  block(statement) {
    const within = statement.kind === NodeKind.Block ? statement.statements : [statement];
    const counted = within.flatMap((each) => [this.call(each.range), this.nested(each)]);
    return Node.createBlockStatement(counted, statement.range);
  }

  /** The statement itself, what is nested in it instrumented. */
  nested(statement) {
    if (statement.kind === NodeKind.Block) return this.block(statement);
    if (statement.kind === NodeKind.Switch || statement.kind === NodeKind.Try) {
      throw new Error(
        `${this.source.normalizedPath}: a kind of statement that test/core/cover.mjs has no notion of`,
      );
    }
    if (NESTING.has(statement.kind)) {
      for (const field of BODIES) if (statement[field]) statement[field] = this.block(statement[field]);
    }
    return statement;
  }

  call(range) {
    const id = this.statements.push([this.source.normalizedPath, this.source.lineAt(range.start)]) - 1;
    const callee = Node.createIdentifierExpression("__cover", range);
    const argument = Node.createIntegerLiteralExpression(globalThis.i64_new(id), range);
    return Node.createExpressionStatement(Node.createCallExpression(callee, null, [argument], range));
  }
}
