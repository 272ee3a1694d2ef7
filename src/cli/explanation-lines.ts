import type { Explanation } from "../explain/index.ts";
import { painter } from "./colour.ts";
import { columns } from "./columns.ts";

/** So many endpoints are listed of each kind; what goes beyond is only counted. */
const LISTED = 20;

/** An explanation for people to read. */
export function explanationLines(explanation: Explanation, colours: boolean): string[] {
  const paint = painter(colours);
  const { considered, endpoints, notes, summary } = explanation;
  const facts = columns(factsOf(explanation));
  const rules = columns(
    considered.map(({ pattern, mode, where, won, why }) => [won ? "won" : "lost", pattern, mode, where, why]),
  );
  const section = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : ["", paint("bold", title), ...lines.map((line) => `  ${line}`)];
  return [
    paint("bold", summary),
    "",
    ...facts,
    ...section(
      "rules that name the host, in the order in which the filter asks them",
      rules.map((line, index) => (considered[index]!.won ? paint("green", line) : paint("dim", line))),
    ),
    ...section("endpoints that may answer", listed(endpoints.allowed)),
    ...section("endpoints that may not", listed(endpoints.excluded)),
    ...notes.flatMap((note, index) => [...(index === 0 ? [""] : []), paint("yellow", `note: ${note}`)]),
  ];
}

function factsOf({
  decision,
  rule,
  where,
  destination,
  pin,
  removed,
  share,
  route,
  subset,
}: Explanation): string[][] {
  const { host, port, from } = destination;
  return [
    ["decision", decision],
    ["rule", rule === undefined ? "none" : `${rule}${where === undefined ? "" : `, ${where}`}`],
    ...(share ? [["share", `${share.percent}% of its requests, by ${share.by}`]] : []),
    [
      "destination",
      host === undefined ? `no service of the mesh: ${from}` : `${host}:${port ?? 80}, from ${from}`,
    ],
    ["pin", pin === "*" ? "*, anywhere" : (pin ?? "none")],
    ...removed.map((name) => ["header removed", `${name}, as the caller sent it`]),
    ...(route ? [["route", `${route.in}, to ${route.envoyClusters.join(", ")}`]] : []),
    ...(subset ? [["subset", labelsOf(subset)]] : []),
  ];
}

interface Listed {
  cluster: string;
  address: string;
  labels?: Readonly<Record<string, string>> | undefined;
  turn?: number | undefined;
  why?: string;
}

function listed(endpoints: readonly Listed[]): string[] {
  const lines = columns(
    endpoints
      .slice(0, LISTED)
      .map(({ cluster, address, labels = {}, turn, why }) => [
        cluster,
        address,
        labelsOf(labels),
        why ?? (turn === undefined ? "" : turn === 1 ? "first" : `while none before it is healthy (${turn})`),
      ]),
  );
  return endpoints.length > LISTED ? [...lines, `... and ${endpoints.length - LISTED} more`] : lines;
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}
