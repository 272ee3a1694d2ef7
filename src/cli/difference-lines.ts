import type { Difference, Outcome } from "../diff/index.ts";
import { count } from "../input/words.ts";
import { painter } from "./colour.ts";
import { columns } from "./columns.ts";

/** So many services of one caller that change alike are named; the others are counted. */
const NAMED = 5;

/** Differences for people to read, those that change alike in one line. */
export function differenceLines(differences: readonly Difference[], colours: boolean): string[] {
  const paint = painter(colours);
  const moving = differences.filter(({ moves }) => moves);
  const counted = differences.filter(({ moves }) => !moves);
  const section = (title: string, some: readonly Difference[]) =>
    some.length === 0 ? [] : [paint("bold", title), ...columns(grouped(some)).map((line) => `  ${line}`)];
  const lines = [
    ...section(
      "requests that may go elsewhere than before",
      moving.filter(({ asks }) => !asks),
    ),
    ...section(
      "requests that may go elsewhere than before, as they ask for it themselves (override)",
      moving.filter(({ asks }) => asks),
    ),
    ...section("requests that go where they went, by another rule or counted otherwise", counted),
  ];
  return lines.length === 0 ? ["nothing changes"] : [...lines, total(moving, counted)];
}

function grouped(differences: readonly Difference[]): string[][] {
  const groups = new Map<string, { difference: Difference; services: string[] }>();
  for (const difference of differences) {
    const { cluster, caller, from, to } = difference;
    const key = JSON.stringify([cluster, caller, which(difference), where(from), where(to)]);
    const group = groups.get(key) ?? { difference, services: [] };
    group.services.push(difference.service);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ difference, services }) => [
    `${difference.caller} in ${difference.cluster}`,
    "to",
    services.length > NAMED
      ? `${services.slice(0, NAMED).join(", ")} and ${services.length - NAMED} more`
      : services.join(", "),
    which(difference),
    `${where(difference.from)}  ->  ${where(difference.to)}`,
  ]);
}

/** Which requests, in words: `GET /api*`, `with x-send-to: m1c2`. */
function which({ requests, asks }: Difference): string {
  const words = [
    ...(requests === "" ? [] : [requests]),
    ...(asks ? [`with ${asks.header}: ${asks.value}`] : []),
  ];
  return words.join(" ");
}

function where({ decision, percent, clusters }: Outcome): string {
  const places =
    clusters.length === 0 ? "nowhere" : clusters.join(decision === "prefer" ? ", then " : " or ");
  const notes = [
    ...(clusters.length === 0 ? ["503"] : []),
    ...(decision === "untouched" ? [] : [`${decision}${percent === undefined ? "" : ` for ${percent}%`}`]),
  ];
  return notes.length === 0 ? places : `${places} (${notes.join("; ")})`;
}

function total(moving: readonly Difference[], counted: readonly Difference[]): string {
  const callers = new Set(moving.map(({ cluster, caller }) => `${cluster} ${caller}`)).size;
  const services = new Set(moving.map(({ service }) => service)).size;
  return `${count(moving.length, "change")} of where requests go (${count(callers, "caller")}, ${count(services, "service")}), ${counted.length} of how they are counted`;
}
