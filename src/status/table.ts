import type { CostEstimate } from "../live/cost.ts";
import type { ProxySample } from "../live/model.ts";
import { merged, rowsOf, type Row } from "./rows.ts";

/** How parts are painted; the names are those of the terminal's styles. */
export type Paint = (style: "red" | "yellow" | "green" | "bold" | "dim", text: string) => string;

/** One look at all proxies. */
export interface Look {
  proxies: { earlier: ProxySample | undefined; later: ProxySample }[];
  /** Those that could not be looked at: the message begins with the address. */
  unreachable: string[];
  cost: CostEstimate | undefined;
}

export interface TableOptions {
  /** Whether numbers are a second's; else all since Envoy started. */
  live: boolean;
  /** Show services without requests, too. */
  all: boolean;
  /** At most so many rows. */
  maxRows: number;
  paint: Paint;
}

/** The table, line by line. */
export function table({ proxies, unreachable, cost }: Look, options: TableOptions): string[] {
  const { live, all, maxRows, paint } = options;
  const rows = merged(proxies.flatMap(({ earlier, later }) => rowsOf(live ? earlier : undefined, later)));
  const busy = all ? rows : rows.filter(({ ever }) => ever > 0);
  const shown = busy.sort(byRequests).slice(0, maxRows);
  const withUnknown = shown.some(({ unknown }) => unknown > 0);
  const columns = COLUMNS.filter(({ title }) => withUnknown || title !== "UNKNOWN");
  const what = live ? "requests per second" : "requests since the proxies started";
  const idle = rows.length - busy.length;
  const cut = busy.length - shown.length;
  return [
    ...(shown.length > 0
      ? [paint("dim", what), ...laidOut(shown, columns, live, paint)]
      : proxies.length > 0
        ? ["no requests yet"]
        : []),
    ...(cut > 0 ? [paint("dim", `... and ${cut} more`)] : []),
    ...(idle > 0 ? [paint("dim", `${idle} without requests${all ? "" : " are not shown"}`)] : []),
    ...proxies.map(({ later }) => counters(later, paint)),
    ...(cost ? [costLine(cost)] : []),
    ...unreachable.map((message) => paint("red", message)),
  ];
}

function byRequests(a: Row, b: Row): number {
  return a.caller === b.caller
    ? b.local + b.remote + b.unknown - (a.local + a.remote + a.unknown)
    : a.caller < b.caller
      ? -1
      : 1;
}

interface Column {
  title: string;
  right?: boolean;
  text: (row: Row, live: boolean) => string;
  style?: (row: Row) => "red" | "yellow" | "green" | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: "CALLER", text: ({ caller }) => caller },
  { title: "SERVICE", text: ({ service }) => service },
  {
    title: "LOCAL",
    right: true,
    text: ({ local }, live) => shownNumber(local, live),
    style: ({ local }) => (local > 0 ? "green" : undefined),
  },
  {
    title: "REMOTE",
    right: true,
    text: ({ remote }, live) => shownNumber(remote, live),
    style: ({ remote }) => (remote > 0 ? "yellow" : undefined),
  },
  { title: "UNKNOWN", right: true, text: ({ unknown }, live) => shownNumber(unknown, live) },
  { title: "LOCAL %", right: true, text: ({ local, remote }) => share(local, remote) },
  {
    title: "ERRORS",
    right: true,
    text: ({ errors }, live) => shownNumber(errors, live),
    style: ({ errors }) => (errors > 0 ? "red" : undefined),
  },
  {
    title: "ENDPOINTS",
    text: ({ endpoints }) => endpointsText(endpoints),
    style: ({ endpoints: { local, unknown } }) => (local[0] === 0 && unknown[1] === 0 ? "red" : undefined),
  },
  {
    title: "REMOTE TO",
    text: ({ to }) =>
      Object.keys(to)
        .filter((id) => to[id]! > 0)
        .join(", "),
  },
];

/** `1/1 local, 2/3 remote`; of those that do not say where they are only where there are some. */
function endpointsText({ local, remote, unknown }: Row["endpoints"]): string {
  const part = ([healthy, all]: [number, number], where: string) => `${healthy}/${all} ${where}`;
  const known = unknown[1] === 0 || local[1] + remote[1] > 0;
  return [
    ...(known ? [part(local, "local"), part(remote, "remote")] : []),
    ...(unknown[1] > 0 ? [part(unknown, "unknown")] : []),
  ].join(", ");
}

function laidOut(rows: readonly Row[], columns: readonly Column[], live: boolean, paint: Paint): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => text(row, live)));
  const widths = columns.map(({ title }, i) =>
    cells.reduce((width, line) => Math.max(width, line[i]!.length), title.length),
  );
  const pad = (text: string, i: number) =>
    columns[i]!.right ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  const head = columns
    .map(({ title }, i) => pad(title, i))
    .join("  ")
    .trimEnd();
  const lines = rows.map((row, index) =>
    columns
      .map(({ style }, i) => {
        const text = pad(cells[index]![i]!, i);
        const color = style?.(row);
        return color ? paint(color, text) : text;
      })
      .join("  ")
      .trimEnd(),
  );
  return [paint("bold", head), ...lines];
}

function shownNumber(value: number, live: boolean): string {
  return live ? value.toFixed(value > 0 && value < 10 ? 1 : 0) : String(value);
}

function share(local: number, remote: number): string {
  if (local + remote === 0) return "-";
  const percent = (100 * local) / (local + remote);
  // 100 and 0 are promises: what is only near them does not show as them.
  return `${remote > 0 ? Math.min(99.9, percent).toFixed(1) : "100"}%`;
}

/** What a proxy has counted since its Envoy started: what its filter decided, and what left in spite of it. */
function counters({ address, requests, leaked }: ProxySample, paint: Paint): string {
  const { retained, preferred, observed, bypassed } = requests;
  const parts = `retained ${retained}, preferred ${preferred}, observed ${observed}, bypassed ${bypassed}, `;
  const leaks = `leaked ${leaked}`;
  return `${address}: ${parts}${leaked > 0 ? paint("red", leaks) : leaks}`;
}

function costLine({ currency, requests, bytes, amount, perHour }: CostEstimate): string {
  const soFar = `${requests} requests and ${shownBytes(bytes)} crossed: about ${money(amount)} ${currency}`;
  return perHour === undefined ? soFar : `${soFar}, now ${money(perHour)} ${currency} an hour`;
}

function money(amount: number): string {
  return amount > 0 && amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(2);
}

function shownBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
