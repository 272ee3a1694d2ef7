import { defineCommand } from "citty";
import {
  explain,
  QuestionError,
  type Explanation,
  type ExplainOptions,
  type Question,
} from "../explain/index.ts";
import { parseCaller, parseHeader } from "../explain/question.ts";
import { InvalidInput } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import { readAnyInventory, type AnyInventory } from "../inventory/any.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import { INVENTORY, POLICY } from "./args.ts";
import { explanationLines } from "./explanation-lines.ts";
import { valuesOf } from "./flags.ts";
import { MESH_ARGS, meshOptions } from "./generate-istio/options.ts";
import { OK, UsageError, type Io } from "./io.ts";
import { readPolicy } from "./read-policy.ts";
import { reading } from "./reading.ts";
import { reportProblems } from "./report.ts";

const args = {
  policy: POLICY,
  cluster: {
    type: "string",
    required: true,
    valueHint: "ID",
    description: "The cluster that the caller runs in: one of the policy's clusters.",
  },
  caller: {
    type: "string",
    valueHint: "NAMESPACE/WORKLOAD",
    description: "Who sends the request. Needed where rules have callers, and to complete short names.",
  },
  host: {
    type: "string",
    required: true,
    valueHint: "HOST",
    description: "What the caller names: the Host header, with or without a port.",
  },
  path: { type: "string", valueHint: "PATH", description: "Default: /." },
  method: { type: "string", valueHint: "METHOD", description: "Default: GET." },
  header: {
    type: "string",
    alias: "H",
    multiple: true,
    valueHint: "'NAME: VALUE'",
    description: "A header of the request; may be given several times.",
  },
  inventory: { ...INVENTORY, description: `${INVENTORY.description} Gives the route and the endpoints.` },
  ...MESH_ARGS,
  json: { type: "boolean", description: "Print it as JSON." },
} as const;

const UNDONE = "nothing was explained";

/** The flags that the fields of a question come from. */
const FLAGS: Record<keyof Question, string> = {
  cluster: "--cluster",
  caller: "--caller",
  host: "--host",
  path: "--path",
  method: "--method",
  headers: "--header",
};

/** `cluster-local explain`. */
export function explainCommand(io: Io) {
  return defineCommand({
    meta: { name: "explain", description: "Says what becomes of a request, and why." },
    args,
    run: ({ args: given, rawArgs }) => {
      const policy = readPolicy(given.policy);
      if (!policy.ok) return reportProblems(io, policy.problems, UNDONE);
      try {
        const question: Question = {
          cluster: given.cluster,
          ...(given.caller !== undefined && { caller: parseCaller(given.caller) }),
          host: given.host,
          path: given.path,
          method: given.method,
          headers: valuesOf(rawArgs, args, "header").map(parseHeader),
        };
        const explanation = answer(question, policy, given.inventory, meshOptions(given), io);
        if (given.json === true) io.out(JSON.stringify(explanation, null, 2));
        else for (const line of explanationLines(explanation, io.colours?.out === true)) io.out(line);
        return OK;
      } catch (error) {
        if (error instanceof InvalidInput) return reportProblems(io, error.problems, UNDONE);
        if (!(error instanceof QuestionError)) throw error;
        throw new UsageError(`option ${FLAGS[error.field]}: ${error.reason}`);
      }
    },
  });
}

/** Throws QuestionError, and InvalidInput for an inventory that is wrong. */
function answer(
  question: Question,
  { value, source }: { value: Policy; source: Source },
  path: string | undefined,
  options: ExplainOptions,
  io: Io,
): Explanation {
  if (path === undefined) return explain(value, question, undefined, source, options);
  reading(io, path);
  const named = value.rules.flatMap(({ callers = [] }) => callers).map((caller) => caller.split("/")[1]!);
  const workloads = [
    ...named.filter((name) => !name.includes("*")),
    ...(question.caller ? [question.caller.workload] : []),
  ];
  // What is piped in can be read only once.
  const concern = path === "-" ? undefined : { host: question.host, workloads };
  const inventory = readAnyInventory(path, value, concern);
  const explanation = explain(value, question, known(inventory), source, options);
  // What nothing was found for may be mistyped: then all names are of interest.
  const found = explanation.route ?? (inventory.kind === "kubernetes" ? explanation.status : undefined);
  if (found !== undefined || !concern) return explanation;
  return explain(value, question, known(readAnyInventory(path, value)), source, options);
}

function known(inventory: AnyInventory): Mesh | Inventory {
  if (inventory.kind === "wrong") throw new InvalidInput(inventory.problems);
  return inventory.kind === "mesh" ? inventory.mesh : inventory.inventory;
}
