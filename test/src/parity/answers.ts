import { formatProblem, type Problem } from "../../../src/input/problem.ts";
import { parsePluginConfig } from "../../../src/policy/plugin-config.ts";
import { Host } from "../../../src/wasm/host.ts";
import { loadModule } from "../../../src/wasm/module.ts";

/** What was said to a plugin configuration. */
interface Answer {
  accepted: boolean;
  /** Of the fields that are wrong, each once. */
  paths: string[];
  /** All of it, for messages. */
  said: string[];
}

const module = await loadModule();
const node = {
  "xds.node.metadata.CLUSTER_ID": "m1c1",
  "xds.node.metadata.NAMESPACE": "default",
  "xds.node.metadata.WORKLOAD_NAME": "productpage-v1",
};

/** One VM for many configurations, as Envoy has it: what one of them leaves behind must not matter to the next. */
const host = Host.start(module, node);

/** The filter's answer; `unlisted` is how many problems it only counted. */
function filterSays(text: string): Answer & { unlisted: number } {
  host.log.length = 0;
  host.calls = [];
  const { id, accepted } = host.root(text);
  host.close(id);
  const lines = host.log.filter((line) => line.startsWith("error"));
  const said = lines.map((line) => line.replace(/^error: cluster_local: configuration refused: /, ""));
  const unlisted = Number(/^\(and (\d+) more\)$/.exec(said.at(-1) ?? "")?.[1] ?? 0);
  if (unlisted > 0) said.pop();
  const paths = distinct(said.map((line) => ({ path: line.slice(0, line.indexOf(": ")) })));
  return { accepted, said, unlisted, paths };
}

/** What is found by comparing fields. The filter does so only when each by itself is well formed. */
const COMPARISON =
  /^(?:names the same hosts as|stands for a host name longer|missing, allowed with mode "prefer"|the same cluster name as)/;

function isComparison(problem: Problem): boolean {
  return COMPARISON.test(problem.message) || isRepeatedName(problem);
}

/** To the filter the same name as another, when it comes to that. */
function isRepeatedName({ path, message }: Problem): boolean {
  return path.startsWith("names.") && message === "found a second time, allowed once";
}

/** The schema's answer: what the filter must say, too, all that it may say, and the names that stand there again. */
function schemaSays(text: string): Answer & { allPaths: string[]; repeated: string[] } {
  const parsed = parsePluginConfig(text, "plugin.json");
  if (parsed.ok) return { accepted: true, paths: [], allPaths: [], repeated: [], said: [] };
  const ofFields = parsed.problems.filter((problem) => !isComparison(problem));
  const problems = ofFields.length > 0 ? ofFields : parsed.problems;
  const repeated = distinct(parsed.problems.filter(isRepeatedName));
  return {
    accepted: false,
    paths: distinct(problems),
    allPaths: [...distinct(problems), ...repeated],
    repeated,
    said: parsed.problems.map(formatProblem),
  };
}

function distinct(problems: readonly Pick<Problem, "path">[]): string[] {
  return [...new Set(problems.map(({ path }) => path))];
}

/** Where they do not say the same: what each said. */
export interface Difference {
  text: string;
  filter: string[];
  schema: string[];
}

/** Asks both; the difference is undefined where they agree. */
export function compare(text: string): { accepted: boolean; difference: Difference | undefined } {
  const filter = filterSays(text);
  const schema = schemaSays(text);
  const known = filter.paths.every((path) => schema.allPaths.includes(path));
  // The schema sees the first value of a name; where a later one is wrong by itself, the filter compares nothing.
  const wrongAgain = filter.said.some((line) =>
    schema.repeated.some(
      (path) => line.startsWith(`${path}: `) && !line.includes("the same cluster name as"),
    ),
  );
  const complete =
    filter.unlisted > 0 || wrongAgain || schema.paths.every((path) => filter.paths.includes(path));
  const agree = filter.accepted === schema.accepted && known && complete;
  const difference = { text, filter: filter.said, schema: schema.said };
  return { accepted: filter.accepted, difference: agree ? undefined : difference };
}
