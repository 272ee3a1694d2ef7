import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { Core } from "../../core/core.ts";
import { HOST, LOCAL } from "../envoys/names.ts";
import { serviceOf, withRules } from "../envoys/variants.ts";

/** What a lookup costs among so many rules, in nanoseconds. */
export interface LookupCost {
  rules: number;
  /** Of the same host again and again: its rule is in the processor's caches. */
  warm: number;
  /** Of another host each time, at random, with what it takes to fetch its rule from memory. */
  cold: number;
}

const WARM = 200_000;
const COLD = 20_000;

/**
 * Measures the core, compiled like the release module, in Node; the rounds of all sizes are interleaved. The fastest round
 * counts: whatever else the machine does can only add to it.
 */
export async function lookupCosts(
  loader: string,
  sizes: readonly number[],
  rounds: number,
): Promise<LookupCost[]> {
  const cores = await Promise.all(sizes.map(async (rules) => ({ rules, core: await load(loader, rules) })));
  const fastest = cores.map(() => ({ warm: Infinity, cold: Infinity, call: Infinity }));
  for (let round = 0; round < rounds; round++) {
    cores.forEach(({ rules, core }, index) => {
      const best = fastest[index]!;
      best.warm = Math.min(
        best.warm,
        time(WARM, () => found(core, HOST, WARM)),
      );
      const hosts = Array.from({ length: COLD }, () => hostOf(Math.floor(Math.random() * rules), rules));
      // What handing the host over costs is measured by looking it up zero times.
      best.call = Math.min(
        best.call,
        time(COLD, () => hosts.forEach((host) => found(core, host, 0))),
      );
      best.cold = Math.min(
        best.cold,
        time(COLD, () => hosts.forEach((host) => found(core, host, 1))),
      );
      core.__collect();
    });
  }
  return fastest.map(({ warm, cold, call }, index) => ({ rules: sizes[index]!, warm, cold: cold - call }));
}

async function load(loader: string, rules: number): Promise<Core> {
  const made = (await import(pathToFileURL(loader).href)) as {
    instantiate: (module: WebAssembly.Module) => Promise<Core>;
  };
  const core = await made.instantiate(
    await WebAssembly.compile(await readFile(loader.replace(/js$/, "wasm"))),
  );
  const json = new TextEncoder().encode(JSON.stringify(withRules(rules)));
  const problems = core.problemsOf(json, LOCAL, "default", null);
  if (problems) throw new Error(problems);
  return core;
}

function found(core: Core, host: string, times: number): void {
  if (core.lookUp(host, times) !== times) throw new Error(`no rule for ${host}`);
}

/** The host that the rule of this number names. */
function hostOf(index: number, rules: number): string {
  if (index === rules - 1) return HOST;
  const [namespace, name] = serviceOf(index).split("/");
  return `${name}.${namespace}.svc.cluster.local`;
}

/** Nanoseconds for each of so many. */
function time(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return ((performance.now() - start) * 1e6) / count;
}
