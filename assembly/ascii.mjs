/**
 * A transform for the AssemblyScript compiler, named in asconfig.json. The language's string literals are UTF-16 objects
 * with a header; most of this module's data are messages in ASCII, and half of it was zeros. `lit("found ")` becomes the
 * address of the bytes in the data segment, behind their number (core/literal.ts).
 */
import { Node, NodeKind } from "assemblyscript";
import { Transform } from "assemblyscript/transform";

export default class Ascii extends Transform {
  afterParse(parser) {
    for (const source of parser.sources) {
      if (!source.normalizedPath.startsWith("~lib/")) rewrite(source, new Set());
    }
  }
}

/** Walks a tree of syntax nodes, and makes calls of `memory.data` out of those of `lit`. */
function rewrite(node, seen) {
  if (typeof node !== "object" || node === null || seen.has(node)) return;
  seen.add(node);
  if (node.kind === NodeKind.Call && node.expression.text === "lit") {
    const { range } = node;
    const name = (text) => Node.createIdentifierExpression(text, range);
    node.expression = Node.createPropertyAccessExpression(name("memory"), name("data"), range);
    node.typeArguments = [Node.createNamedType(Node.createSimpleTypeName("u8", range), null, false, range)];
    node.args = [Node.createArrayLiteralExpression(bytesOf(node.args[0].value, range), range)];
  }
  for (const [key, child] of Object.entries(node)) {
    // A range leads back to the source as a whole.
    if (key !== "range") for (const item of Array.isArray(child) ? child : [child]) rewrite(item, seen);
  }
}

function bytesOf(text, range) {
  if (!/^[\0\n\x20-\x7e]{1,255}$/.test(text))
    throw new Error(`not 1 to 255 ASCII characters: ${JSON.stringify(text)}`);
  const bytes = [text.length, ...Buffer.from(text)];
  return bytes.map((byte) => Node.createIntegerLiteralExpression(globalThis.i64_new(byte), range));
}
