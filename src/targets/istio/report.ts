import { titleOf } from "../../inventory/kubernetes/object.ts";
import { formatPath } from "../../input/path.ts";
import { patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Made, Mesh } from "./mesh.ts";
import type { IstioOptions } from "./options.ts";
import type { Resource } from "./resource.ts";

/** What became of a rule. */
export interface RuleReport {
  /** `rules[0]`. */
  rule: string;
  mode: Policy["rules"][number]["mode"];
  patterns: string[];
  /** The services that it may govern, as `namespace/name`. */
  services: string[];
  /** What was made for it. */
  resources: string[];
  /** What the target does not do of it. */
  note?: string;
}

/** Rule by rule, what was generated. */
export function ruleReports(
  { policy, governed, options }: Mesh,
  made: readonly Made[],
  setting: boolean,
): RuleReport[] {
  return policy.rules.map(({ mode }, index) => {
    const services = governed.filter(({ patterns }) => patterns.some(({ rule }) => rule === index));
    const hosts = new Set(services.map(({ service }) => service.host));
    const acts = mode === "strict" || mode === "prefer";
    const mine = acts ? made.filter((one) => one.hosts.some((host) => hosts.has(host))) : [];
    return {
      rule: formatPath(["rules", index]),
      mode,
      patterns: patternsOf(policy.rules)
        .filter(({ rule }) => rule === index)
        .map(({ text }) => text),
      services: services.map(({ service }) => `${service.namespace}/${service.name}`),
      resources: [
        ...(setting && mode === "strict" ? ["MeshConfig serviceSettings"] : []),
        ...mine.map(({ resource }) => titleOfResource(resource)).sort(),
      ],
      ...noteOf(mode, options, setting),
    };
  });
}

function noteOf(mode: RuleReport["mode"], { routing }: IstioOptions, setting: boolean): { note?: string } {
  if (routing !== "native") return {};
  if (mode === "observe") return { note: "without the filter nothing is counted" };
  if (mode === "strict" && setting)
    return { note: "for gateways, too: their requests stay in the gateway's own cluster" };
  return {};
}

export function titleOfResource({ kind, metadata: { namespace, name } }: Resource): string {
  return titleOf({ kind, namespace, name });
}

/** So many names stand in a line. */
const SHOWN = 8;

/** The report in lines for people. */
export function reportLines(reports: readonly RuleReport[]): string[] {
  return reports.flatMap(({ rule, mode, patterns, services, resources, note }) => [
    `${rule}: ${mode} ${some(patterns)}`,
    `  services: ${services.length === 0 ? "none that is known" : some(services)}`,
    ...(resources.length === 0 ? [] : [`  made: ${some(resources)}`]),
    ...(note === undefined ? [] : [`  ${note}`]),
  ]);
}

function some(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
