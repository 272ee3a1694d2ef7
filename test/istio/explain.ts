/**
 * Answers questions as `cluster-local explain --json` does, many of them in one process: `explain.ts POLICY INVENTORY`, a
 * question a line on standard input, an explanation a line on standard output.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Explainer, orThrow, parsePolicy, type Question } from "../../src/index.ts";
import { readAnyInventory } from "../../src/inventory/any.ts";

const [policyFile, inventoryPath] = process.argv.slice(2) as [string, string];
const parsed = parsePolicy(readFileSync(policyFile, "utf8"), policyFile);
const policy = orThrow(parsed);
const read = readAnyInventory(inventoryPath, policy);
if (read.kind !== "kubernetes") throw new Error(JSON.stringify(read));
const explainer = new Explainer(policy, read.inventory, parsed.ok ? parsed.source : undefined);
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(explainer.explain(JSON.parse(line) as Question)));
