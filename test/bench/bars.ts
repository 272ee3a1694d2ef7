import { added } from "./added.ts";
import type { Readings } from "./envoys/rounds.ts";
import type { Figures } from "./figures.ts";
import { ratio } from "./statistics.ts";

/** One thing that must hold, and whether it does. */
export interface Bar {
  what: string;
  bar: string;
  measured: string;
  verdict: "kept" | "**missed**" | "not proven" | "not measured";
}

/** The project's bars against what was measured. */
export function bars(readings: Readings, { calls, growth, moduleSize, lines }: Figures): Bar[] {
  const counts = [calls.alone, calls.pinned, calls.others].map(({ length }) => length);
  const grown = growth.afterAll - growth.after1000;
  return [
    {
      what: "host calls: left alone / pinned; callbacks for the response",
      bar: "1 / 5; 0",
      measured: `${counts[0]} / ${counts[1]}; ${counts[2]}`,
      verdict: verdict(counts.every((count, index) => count <= [1, 5, 0][index]!)),
    },
    atMost(readings, 0.7, "evidence", "version1", "pinned with evidence, against version 1's"),
    atMost(
      readings,
      1.1,
      "strict",
      "luaMetadata",
      "pinned without access logger, against Lua that only pins",
    ),
    atMost(readings, 1.6, "alone", "noop", "left alone, against a no-op Wasm filter"),
    {
      what: "release module",
      bar: "at most 22,000 bytes",
      measured: moduleSize.toLocaleString("en"),
      verdict: verdict(moduleSize <= 22_000),
    },
    {
      what: "assembly/ without testing.ts",
      bar: "at most 2,700 lines",
      measured: lines.toLocaleString("en"),
      verdict: verdict(lines <= 2700),
    },
    {
      what: `wasm memory: growth from request 1,000 to ${growth.requests.toLocaleString("en")}`,
      bar: "0 bytes",
      measured: String(grown),
      verdict: verdict(grown === 0),
    },
    {
      what: "crossings under a pin, in this run",
      bar: "0",
      measured: String(readings.crossings),
      verdict: verdict(readings.crossings === 0),
    },
  ];
}

/** A bar for the added CPU of one variant against another's. A bar inside of the interval is not proven either way. */
function atMost(readings: Readings, most: number, of: string, to: string, what: string): Bar {
  const bar = { what: `added CPU, ${what}`, bar: `at most ${most.toFixed(1)}x` };
  if (!(to in readings.by)) return { ...bar, measured: "", verdict: "not measured" };
  const { value, low, high } = ratio(added(readings, of), added(readings, to));
  const measured = `${value.toFixed(2)}x (95%: ${low.toFixed(2)} to ${high.toFixed(2)})`;
  return { ...bar, measured, verdict: low <= most && most < high ? "not proven" : verdict(high <= most) };
}

function verdict(kept: boolean): Bar["verdict"] {
  return kept ? "kept" : "**missed**";
}
