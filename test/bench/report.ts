import { added } from "./added.ts";
import { bars } from "./bars.ts";
import type { Calls } from "./core/calls.ts";
import type { Effort, Readings } from "./envoys/rounds.ts";
import type { Name, Variant } from "./envoys/variants.ts";
import type { Figures } from "./figures.ts";
import { median, spread } from "./statistics.ts";

/** All that was measured, as Markdown. */
export function report(
  title: string,
  variants: Record<Name, Variant>,
  readings: Readings<Name>,
  effort: Effort,
  figures: Figures,
): string {
  const { calls, growth, lookups, loading } = figures;
  const rounds = readings.by.none.length;
  return [
    title,
    `CPU time of the Envoy process per request, medians of ${rounds} interleaved rounds of ` +
      `${effort.requests.toLocaleString("en")} requests to each (the middle half of the rounds in brackets); ` +
      `${effort.connections} connections, each with one request at a time.`,
    table(
      ["Envoy with", "CPU, µs", "added, µs", "p50, ms", "p99, ms"],
      (Object.keys(variants) as Name[]).map((name) => row(variants[name].title, readings, name)),
    ),
    table(
      ["", "bar", "measured", ""],
      bars(readings, figures).map((bar) => [
        bar.what,
        bar.bar,
        bar.measured,
        bar.holds ? "holds" : "**missed**",
      ]),
    ),
    table(
      [
        "rules",
        "lookup, ns",
        "another host each time, ns",
        "loading in Node, ms",
        "VM and loading in Envoy, ms",
      ],
      lookups.map(({ rules, warm, cold }, index) => [
        rules.toLocaleString("en"),
        warm.toFixed(0),
        cold.toFixed(0),
        loading[index]!.node.toFixed(1),
        loading[index]!.envoy.toFixed(1),
      ]),
    ),
    [
      `Host calls: left alone ${listed(calls.alone)}; pinned ${listed(calls.pinned)}; a response none.`,
      `Memory of a VM after 1 / 1,000 / ${growth.requests.toLocaleString("en")} requests:`,
      `${[growth.after1, growth.after1000, growth.afterAll].map((bytes) => `${bytes / 1024} KiB`).join(" / ")}.`,
    ].join(" "),
  ].join("\n\n");
}

function row(title: string, readings: Readings<Name>, name: Name): string[] {
  const of = (key: "p50" | "p99") =>
    (median(readings.by[name].map((reading) => reading[key])) / 1000).toFixed(2);
  const extra = name === "none" ? "" : spreadOf(added(readings, name));
  return [title, spreadOf(readings.by[name].map(({ cpu }) => cpu)), extra, of("p50"), of("p99")];
}

function spreadOf(values: readonly number[]): string {
  const { median, low, high } = spread(values);
  return `${median.toFixed(1)} [${low.toFixed(1)}–${high.toFixed(1)}]`;
}

function listed({ names, bytes }: Calls): string {
  return names.length === 0 ? "none" : `${names.length} (${names.join(", ")}; ${bytes} bytes handed over)`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
