/**
 * Generates and answers questions as `cluster-local generate istio` and `cluster-local explain --json` do, many times in one
 * process. A line on standard input is `{"generate": [...arguments]}`, `{"policy": file, "inventory": path}` for the mesh that is
 * asked of from now on, or a question; each is answered by a line on standard output.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { run } from "../../src/cli/run.ts";
import { Explainer, orThrow, parsePolicy, type Question } from "../../src/index.ts";
import { readAnyInventory } from "../../src/inventory/any.ts";

type Line = { generate: string[] } | { policy: string; inventory: string } | Question;

let explainer: Explainer;
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(JSON.parse(line) as Line)));

async function answer(line: Line): Promise<object> {
  if ("generate" in line) return generate(line.generate);
  if (!("policy" in line)) return explainer.explain(line);
  const parsed = parsePolicy(readFileSync(line.policy, "utf8"), line.policy);
  const policy = orThrow(parsed);
  const read = readAnyInventory(line.inventory, policy);
  if (read.kind !== "kubernetes") throw new Error(JSON.stringify(read));
  explainer = new Explainer(policy, read.inventory, parsed.ok ? parsed.source : undefined);
  return {};
}

async function generate(args: readonly string[]): Promise<{ code: number; report: string }> {
  const report: string[] = [];
  const say = (text: string) => void report.push(text);
  const code = await run(["generate", "istio", ...args], { out: say, err: say });
  return { code, report: report.join("\n") };
}
