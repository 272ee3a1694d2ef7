import { added } from "./added.ts";
import { bars } from "./bars.ts";
import type { Effort, Readings } from "./envoys/rounds.ts";
import type { Variant } from "./envoys/variants.ts";
import type { Figures } from "./figures.ts";
import { VERSION_1 } from "./modules.ts";
import { median, spread } from "./statistics.ts";

/** All that was measured, as Markdown. */
export function report(
  title: string,
  variants: Record<string, Variant>,
  readings: Readings,
  effort: Effort,
  figures: Figures,
): string {
  const { calls, growth, lookups, loading, memoryOf10k } = figures;
  const rounds = readings.by.none!.length;
  return [
    title,
    `CPU time of the Envoy process per request, medians of ${rounds} interleaved rounds of ` +
      `${effort.requests.toLocaleString("en")} requests to each (the middle half of the rounds in brackets); ` +
      `${effort.connections} connections, each with one request at a time.`,
    table(
      ["Envoy with", "CPU, µs", "added, µs", "p50, ms", "p99, ms"],
      Object.entries(variants).map(([name, variant]) => row(variant.title, readings, name)),
    ),
    ...(variants.version1 ? [] : [`Left out: version 1, as this clone lacks its commit, ${VERSION_1}.`]),
    table(
      ["", "bar", "measured", ""],
      bars(readings, figures).map((bar) => [bar.what, bar.bar, bar.measured, bar.verdict]),
    ),
    table(
      ["rules", "lookup, ns", "another host each time, ns", "VM and loading in Envoy, ms"],
      lookups.map(({ rules, warm, cold }, index) => [
        rules.toLocaleString("en"),
        warm.toFixed(0),
        cold.toFixed(0),
        loading[index]!.toFixed(1),
      ]),
    ),
    [
      `Host calls: left alone ${calls.alone.join(", ")}; pinned ${calls.pinned.join(", ")}.`,
      `Memory of a VM after 1 / 1,000 / ${growth.requests.toLocaleString("en")} requests:`,
      `${[growth.after1, growth.after1000, growth.afterAll].map(kibibytes).join(" / ")};`,
      `for 10,000 rules ${kibibytes(memoryOf10k)} more.`,
    ].join(" "),
  ].join("\n\n");
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toLocaleString("en")} KiB`;
}

function row(title: string, readings: Readings, name: string): string[] {
  const of = (key: "p50" | "p99") =>
    (median(readings.by[name]!.map((reading) => reading[key])) / 1000).toFixed(2);
  const extra = name === "none" ? "" : spreadOf(added(readings, name));
  return [title, spreadOf(readings.by[name]!.map(({ cpu }) => cpu)), extra, of("p50"), of("p99")];
}

function spreadOf(values: readonly number[]): string {
  const { median, low, high } = spread(values);
  return `${median.toFixed(1)} [${low.toFixed(1)}–${high.toFixed(1)}]`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
