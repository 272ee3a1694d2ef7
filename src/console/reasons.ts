import type { LogEntry } from "./view.ts";

/** How a request was decided, from the tags that Envoy counts and logs by. */
export interface Decided {
  /** `strict`, `prefer`, `observe`, `off`, `override`; `none` where no rule is for it, `unfiltered`, `disabled`. */
  mode: string;
  rule?: string | undefined;
  /** Where the answer came from: `local`, `remote`, `none`, `unknown`. */
  where: string;
  /** The caller's cluster, and the one that answered, where that is known. */
  home: string;
  to?: string | undefined;
}

/** The log's word for a decision, and the reason for it in a sentence. */
export function reasonOf(decided: Decided): Pick<LogEntry, "kind" | "reason"> {
  const { mode, where } = decided;
  const leak = mode === "strict" && where === "remote";
  const kind = leak
    ? "leak"
    : where === "local" || where === "remote" || where === "none"
      ? where
      : "unknown";
  return { kind, reason: `${ruleText(decided)}${outcome(decided)}` };
}

function ruleText({ mode, rule = "" }: Decided): string {
  if (mode === "none") return "no rule names it: ";
  if (mode === "unfiltered") return "this proxy has no filter: ";
  if (mode === "disabled") return "the policy is off: ";
  if (mode === "override") return "the caller asked for it by the override, and may: ";
  return `${mode} by ${rule}: `;
}

function outcome({ mode, where, home, to }: Decided): string {
  const other = to ?? "another cluster";
  if (where === "none") {
    return mode === "strict" ? `no endpoint in ${home} answered, and no other may` : "no endpoint answered";
  }
  if (where === "unknown") return "answered by an endpoint that does not say where it is";
  if (where === "local") {
    if (mode === "strict") return `kept in ${home}`;
    if (mode === "prefer") return `${home} has a healthy endpoint`;
    if (mode === "observe") return `left alone, and it stayed in ${home}`;
    return `it stayed in ${home}`;
  }
  if (mode === "strict") return `a leak, answered by ${other}`;
  if (mode === "prefer") return `no healthy endpoint in ${home}, so ${other}`;
  if (mode === "observe") return `left alone, and it went to ${other}; strict would have kept it in ${home}`;
  if (mode === "off") return `left alone, and it went to ${other}`;
  return `it went to ${other}`;
}
