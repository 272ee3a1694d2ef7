import type { Diagnosis, Finding, Level } from "./finding.ts";
import { count } from "../input/words.ts";

/** How a level is painted; the names are those of the terminal's styles. */
export type Paint = (style: "red" | "yellow" | "cyan" | "green" | "bold" | "dim", text: string) => string;

const STYLES = { error: "red", warning: "yellow", note: "cyan", ok: "green" } as const;
const CHECK_WIDTH = 15;
const INDENT = " ".repeat(2 + 9 + CHECK_WIDTH + 2);

/** A diagnosis in lines; what is as it should be takes one line, what is not says how it was seen and what to do. */
export function renderDiagnosis({ address, proxy, findings }: Diagnosis, paint: Paint): string[] {
  const who =
    proxy &&
    `${proxy.cluster ?? "no cluster id"}  ${proxy.namespace ?? "?"}/${proxy.workload ?? "?"}  Envoy ${proxy.version}`;
  return [
    paint("bold", [address, who].filter(Boolean).join("  ")),
    ...findings.flatMap((finding) => lines(finding, paint)),
  ];
}

function lines({ check, level, message, evidence, remedy }: Finding, paint: Paint): string[] {
  const head = `  ${paint(STYLES[level], level.padEnd(9))}${check.padEnd(CHECK_WIDTH + 2)}${message}`;
  if (level === "ok") return [head];
  return [
    head,
    ...evidence.map((line) => paint("dim", `${INDENT}seen: ${line}`)),
    ...(remedy === undefined ? [] : [`${INDENT}do:   ${remedy}`]),
  ];
}

/** `2 proxies: 1 error, 3 warnings`. */
export function renderTotal(diagnoses: readonly Diagnosis[]): string {
  const number = (level: Level) => numberOf(diagnoses, level);
  const proxies = diagnoses.length === 1 ? "1 proxy" : `${diagnoses.length} proxies`;
  const parts = [
    ...(number("error") > 0 ? [count(number("error"), "error")] : []),
    ...(number("warning") > 0 ? [count(number("warning"), "warning")] : []),
  ];
  return `${proxies}: ${parts.length > 0 ? parts.join(", ") : "nothing wrong"}`;
}

export function numberOf(diagnoses: readonly Diagnosis[], level: Level): number {
  return diagnoses.flatMap(({ findings }) => findings).filter((finding) => finding.level === level).length;
}
