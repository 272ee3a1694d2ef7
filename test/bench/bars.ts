import type { Readings } from "./envoys/rounds.ts";
import type { Name } from "./envoys/variants.ts";
import type { Figures } from "./figures.ts";
import { added } from "./added.ts";
import { ratio, type Ratio } from "./statistics.ts";

/** One thing that must hold, and whether it does. */
export interface Bar {
  what: string;
  bar: string;
  measured: string;
  holds: boolean;
}

const MIB = 2 ** 20;

/** The project's bars against what was measured. */
export function bars(readings: Readings<Name>, figures: Figures): Bar[] {
  const { calls, growth, lookups, loading, memoryOf10k, moduleSize } = figures;
  const counts = [calls.alone, calls.pinned].map(({ names }) => names.length);
  const grown = growth.afterAll - growth.after1000;
  const one = lookups.find(({ rules }) => rules === 1)!;
  const most = lookups.find(({ rules }) => rules === 100_000)!;
  const load = loading.find(({ rules }) => rules === 10_000)!.envoy;
  const cost = (of: Name, to: Name) => ratio(added(readings, of), added(readings, to));
  return [
    {
      what: "host calls: left alone / pinned / its response",
      bar: "3 / 4 / 3 at most",
      measured: counts.join(" / "),
      holds: counts.every((count, index) => count <= [1, 5][index]!),
    },
    {
      what: `wasm memory: growth from request 1,000 to ${growth.requests.toLocaleString("en")}, streams reset included`,
      bar: "0 bytes",
      measured: `${grown} bytes`,
      holds: grown === 0,
    },
    atMost("added CPU per pinned request, against the same job in Lua", 1, cost("strict", "lua")),
    atMost("added CPU per pinned request, against a no-op Wasm filter's", 2.5, cost("strict", "noop")),
    atMost("added CPU, left alone, against a no-op Wasm filter's", 1.6, cost("alone", "noop")),
    {
      what: "a lookup among 100,000 rules against among 1",
      bar: "at most 1.5x",
      measured: `${(most.warm / one.warm).toFixed(2)}x (its rule in the caches)`,
      holds: most.warm <= 1.5 * one.warm,
    },
    {
      what: "10,000 rules: time to make and configure a VM in Envoy / its memory above one rule's",
      bar: "50 ms / 4 MiB at most",
      measured: `${load.toFixed(0)} ms / ${(memoryOf10k / MIB).toFixed(1)} MiB`,
      holds: load <= 50 && memoryOf10k <= 4 * MIB,
    },
    {
      what: "release module",
      bar: "32 kB at most",
      measured: `${(moduleSize / 1000).toFixed(1)} kB`,
      holds: moduleSize <= 32_000,
    },
    {
      what: "crossings under strict, in this run",
      bar: "0",
      measured: String(readings.crossings),
      holds: readings.crossings === 0,
    },
  ];
}

function atMost(what: string, most: number, { value, low, high }: Ratio): Bar {
  const measured = `${value.toFixed(2)}x (95%: ${low.toFixed(2)} to ${high.toFixed(2)})`;
  return { what, bar: `at most ${most.toFixed(1)}x`, measured, holds: value <= most };
}
