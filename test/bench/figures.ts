import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModule } from "../../src/wasm/module.ts";
import { hostCalls, type Calls } from "./core/calls.ts";
import { lookupCosts, type LookupCost } from "./core/lookup.ts";
import { growth, memoryOfRules, type Growth } from "./core/memory.ts";
import { loadingTimeInEnvoy } from "./envoys/loading.ts";
import type { Modules } from "./envoys/variants.ts";
import { compileCore } from "./modules.ts";

/** Numbers of rules that lookups and loading are measured with. */
const SIZES = [1, 100, 10_000, 100_000] as const;

/** What does not depend on the traffic of the moment. */
export interface Figures {
  calls: Calls;
  growth: Growth;
  lookups: LookupCost[];
  /** Milliseconds that Envoy takes to make a VM and configure it, for each number of rules. */
  loading: number[];
  /** Bytes of VM memory for 10,000 rules, above one rule's. */
  memoryOf10k: number;
  /** Bytes of the release module. */
  moduleSize: number;
  /** Lines of the filter's source, tests' exports not counted. */
  lines: number;
}

/** How much to do for them. */
export interface FigureEffort {
  /** Requests that the test of memory serves. */
  requests: number;
  /** How often each time is taken. */
  times: number;
}

/** Takes them one after the other. */
export async function takeFigures(
  envoyPath: string,
  modules: Modules,
  dir: string,
  { requests, times }: FigureEffort,
  progress: (text: string) => void,
): Promise<Figures> {
  const module = await loadModule(modules.ours);
  progress(`memory after ${requests} requests`);
  const grown = growth(module, requests);
  progress("lookups");
  const lookups = await lookupCosts(await compileCore(dir), SIZES, 4 * times);
  const loading: number[] = [];
  for (const rules of SIZES) {
    progress(`loading ${rules} rules`);
    loading.push(await loadingTimeInEnvoy(envoyPath, modules.ours, rules, dir, times));
  }
  return {
    calls: hostCalls(module),
    growth: grown,
    lookups,
    loading,
    memoryOf10k: memoryOfRules(module, 10_000),
    moduleSize: statSync(modules.ours).size,
    lines: linesOfFilter(),
  };
}

function linesOfFilter(): number {
  const folder = fileURLToPath(new URL("../../assembly", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && file !== "testing.ts");
  const lines = sources.map((file) => readFileSync(join(folder, file), "utf8").split("\n").length - 1);
  return lines.reduce((sum, count) => sum + count, 0);
}
