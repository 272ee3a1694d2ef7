import { titleOf } from "../../inventory/kubernetes/object.ts";
import { formatPath } from "../../input/path.ts";
import { patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Rule } from "../../policy/rules.ts";
import type { Matcher } from "../../policy/match.ts";
import type { PortKind } from "../../inventory/kubernetes/protocol.ts";
import type { KubeService } from "../../inventory/kubernetes/services.ts";
import type { Made, Mesh } from "./mesh.ts";
import type { IstioOptions } from "./options.ts";
import type { Resource } from "./resource.ts";
import { clustersWithout, nameOf, portName, portsBeside, unmatchedPatterns } from "./shortfalls.ts";

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
  /** Where retention means an outage: the clusters, by service, that have no ready endpoint of it. */
  withoutEndpoints: Record<string, string[]>;
  /** The ports, by service, that Istio does not take for HTTP: these pass the filter by. */
  notHttp: Record<string, string[]>;
  /** The ports, by service, that Istio takes for HTTP only where the bytes look like it. */
  undeclared: Record<string, string[]>;
  /** Services whose callers choose the endpoint themselves. */
  headless: string[];
  /** Patterns that match no service. */
  unmatched: string[];
  /** What the target does otherwise than the rule's words might suggest. */
  notes: string[];
}

/** Rule by rule, what was generated. */
export function ruleReports(
  { policy, inventory, governed, options }: Mesh,
  matcher: Matcher,
  made: readonly Made[],
  setting: boolean,
): RuleReport[] {
  const unmatched = unmatchedPatterns(inventory, governed, matcher);
  return policy.rules.map((rule, index) => {
    const { mode } = rule;
    const services = governed.filter(({ patterns }) => patterns.some(({ rule }) => rule === index));
    const hosts = new Set(services.map(({ service }) => service.host));
    const acts = mode === "strict" || mode === "prefer";
    const mine = acts ? made.filter((one) => one.hosts.some((host) => hosts.has(host))) : [];
    const strict = mode === "strict" ? services.map(({ service }) => service) : [];
    return {
      rule: formatPath(["rules", index]),
      mode,
      patterns: patternsOf(policy.rules)
        .filter(({ rule }) => rule === index)
        .map(({ text }) => text),
      services: services.map(({ service }) => nameOf(service)),
      resources: [
        ...(setting && mode === "strict" ? ["MeshConfig serviceSettings"] : []),
        ...mine.map(({ resource }) => titleOfResource(resource)).sort(),
      ],
      withoutEndpoints: byService(strict, clustersWithout),
      notHttp: options.routing === "native" ? {} : byService(strict, (one) => portsOf(one, "not-http")),
      undeclared: options.routing === "native" ? {} : byService(strict, (one) => portsOf(one, "sniffed")),
      headless: strict.filter((one) => one.headless).map(nameOf),
      unmatched: unmatched.filter(({ rule }) => rule === index).map(({ text }) => text),
      notes: notesOf(rule, options, setting),
    };
  });
}

function portsOf(service: KubeService, wanted: PortKind): string[] {
  return portsBeside(service)
    .filter(({ kind }) => kind === wanted)
    .map(portName);
}

function byService(
  services: readonly KubeService[],
  listOf: (service: KubeService) => string[],
): Record<string, string[]> {
  const lists = services.map((service) => [nameOf(service), listOf(service)] as const);
  return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
}

function notesOf({ mode, callers }: Rule, { routing, native }: IstioOptions, setting: boolean): string[] {
  if (mode === "off") return [];
  if (mode === "prefer")
    return [
      "by Istio's locality failover, for every caller: also for gateways, and whether the filter is there or not",
    ];
  if (routing === "native") {
    if (mode === "observe") return ["without the filter nothing is counted"];
    if (setting) return ["for gateways, too: their requests stay in the gateway's own cluster"];
    return native === "source-labels" ? ["for sidecars only: gateways are left alone"] : [];
  }
  return [
    ...(callers === undefined
      ? ["gateways are left alone (a rule is for them where its callers name them)"]
      : []),
    ...(mode === "strict" && routing === "envoy-filter"
      ? ["retained requests keep the destination that their route chose, and nothing else of the route"]
      : []),
  ];
}

/** What became of the policy's override. */
export function overrideNote({ policy: { override }, governed, options }: Mesh): string | undefined {
  if (override === undefined) return undefined;
  const { header, allow, from } = override;
  const services = governed.filter(({ pinned }) => pinned).map(({ service }) => nameOf(service));
  const others =
    options.routing === "envoy-filter"
      ? "for all others a cluster that is asked for is not there (503)"
      : "for all others it changes nothing";
  return `override: ${header} may ask for ${some(allow)} from ${some(from)}, of services of the rules (${some(services)}); ${others}`;
}

export function titleOfResource({ kind, metadata: { namespace, name } }: Resource): string {
  return titleOf({ kind, namespace, name });
}

/** So many names stand in a line. */
const SHOWN = 8;

/** The report in lines for people. */
export function reportLines(reports: readonly RuleReport[]): string[] {
  return reports.flatMap(({ rule, mode, patterns, services, resources, notes }) => [
    `${rule}: ${mode} ${some(patterns)}`,
    `  services: ${services.length === 0 ? "none that is known" : some(services)}`,
    ...(resources.length === 0 ? [] : [`  made: ${some(resources)}`]),
    ...notes.map((note) => `  ${note}`),
  ]);
}

function some(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
