import { statSync } from "node:fs";
import { loadModule } from "../../src/wasm/module.ts";
import { hostCalls, type CallsOf } from "./core/calls.ts";
import { loadingTime } from "./core/loading.ts";
import { lookupCosts, type LookupCost } from "./core/lookup.ts";
import { growth, memoryOfRules, type Growth } from "./core/memory.ts";
import { loadingTimeInEnvoy } from "./envoys/loading.ts";
import type { Modules } from "./envoys/variants.ts";
import { compileCore } from "./modules.ts";

/** Numbers of rules that lookups and loading are measured with. */
const SIZES = [1, 100, 10_000, 100_000] as const;

/** What does not depend on the traffic of the moment. */
export interface Figures {
  calls: CallsOf;
  growth: Growth;
  lookups: LookupCost[];
  /** Milliseconds by number of rules. */
  loading: { rules: number; node: number; envoy: number }[];
  /** Bytes of VM memory for 10,000 rules, above one rule's. */
  memoryOf10k: number;
  /** Bytes of the release module. */
  moduleSize: number;
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
  progress("host calls");
  const calls = hostCalls(module);
  progress(`memory after ${requests} requests`);
  const grown = growth(module, requests);
  progress("lookups");
  const lookups = await lookupCosts(await compileCore(dir), SIZES, 4 * times);
  const loading: Figures["loading"] = [];
  for (const rules of SIZES) {
    progress(`loading ${rules} rules`);
    const node = loadingTime(module, rules, times);
    loading.push({
      rules,
      node,
      envoy: await loadingTimeInEnvoy(envoyPath, modules.ours, rules, dir, times),
    });
  }
  const memoryOf10k = memoryOfRules(module, 10_000);
  return { calls, growth: grown, lookups, loading, memoryOf10k, moduleSize: statSync(modules.ours).size };
}
