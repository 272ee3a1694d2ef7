import { formatPath } from "../../input/path.ts";
import { titleOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { patternsOf } from "../../policy/pattern.ts";
import { copiedFrom } from "./destination-rule/rule.ts";
import { needsFilter } from "./judge.ts";
import type { Mesh } from "./mesh.ts";
import { ownerOf } from "./owners.ts";
import type { LeftOut, Plan } from "./plan.ts";
import type { Plans } from "./plans.ts";
import { nameOf } from "./shortfalls.ts";

/** What became of the policy; plain data, fit for JSON. */
export interface Report {
  rules: { rule: string; mode: string; patterns: string[]; services: string[] }[];
  services: ServiceReport[];
  leftOut: LeftOut[];
  /** What is copied into our resources and goes stale when its owner changes it, until this is run again. */
  copies: { of: string; owner: string | undefined; what: string }[];
  notes: string[];
}

export interface ServiceReport {
  service: string;
  mode: string;
  /** What keeps its requests local. */
  heldBy: ("routes" | "endpoints" | "filter" | "mesh-config")[];
  /** Routes that only one thing holds, and why. */
  heldOnce: string[];
}

export function reportOf(mesh: Mesh, plans: Plans, leftOut: LeftOut[]): Report {
  const { policy, governed } = mesh;
  return {
    rules: policy.rules.map(({ mode }, index) => ({
      ...{ rule: formatPath(["rules", index]), mode },
      patterns: patternsOf(policy.rules)
        .filter(({ rule }) => rule === index)
        .map(({ text }) => text),
      services: governed
        .filter(({ patterns }) => patterns.some(({ rule }) => rule === index))
        .map(({ service }) => nameOf(service)),
    })),
    services: [...plans.services.values()].map((plan) => serviceReport(plan, mesh)),
    leftOut,
    copies: copiesOf(mesh, plans),
    notes: notesOf(mesh, plans),
  };
}

function serviceReport(plan: Plan, { policy, matcher }: Mesh): ServiceReport {
  const mode = plan.always?.mode ?? "by the request";
  const always = plan.always !== undefined;
  return {
    service: nameOf(plan.service),
    mode: plan.strict || plan.prefer ? mode : `${matcher.ruleOf(plan.patterns[0]!).mode}, and overrides`,
    heldBy: [
      ...(plan.routes ? (["routes"] as const) : []),
      ...(plan.endpoints ? (["endpoints"] as const) : []),
      ...(needsFilter(plan, policy) ? (["filter"] as const) : []),
    ],
    heldOnce: plan.once.length > 0 || plan.endpoints || !always ? plan.once : ["all routes"],
  };
}

function copiesOf({ rules }: Mesh, { services, sidecars, gateways }: Plans): Report["copies"] {
  const labels = new Set<KubeObject>();
  for (const { service } of services.values())
    for (const one of copiedFrom(service.host, service.namespace, rules)) labels.add(one);
  const weights = new Set<KubeObject>();
  for (const { route, legs } of [...sidecars, ...gateways])
    if (route.object && route.weighted && legs.some(({ host }) => services.has(host)))
      weights.add(route.object);
  const told = (what: string) => (one: KubeObject) => ({ of: titleOf(one), owner: ownerOf(one), what });
  return [
    ...[...labels].map(told("labels and traffic policies of subsets")),
    ...[...weights].map(told("weights of routes")),
  ];
}

function notesOf({ policy, options, governed }: Mesh, { services, sidecars }: Plans): string[] {
  const notes: string[] = [];
  if (!policy.enabled) return ["enabled: false: the patches are empty, and every request is left alone"];
  if (options.routing === "mesh-config")
    return ["MeshConfig holds for gateways, too: their requests stay in the gateway's own cluster"];
  if (options.image === undefined) {
    const observed = governed.some((one) => one.observed)
      ? ", and rules with mode observe count nothing"
      : "";
    notes.push(
      `without --image there is no filter: nothing counts by rule${observed}; istio_requests_total has source_cluster and destination_cluster`,
    );
  }
  const filtered = [...services.values()].filter((one) => needsFilter(one, policy));
  if (filtered.length > 0)
    notes.push(
      `sidecars older than 1.30 leave ${some(filtered.map(({ service }) => nameOf(service)))} alone: they have no matcher in routes`,
    );
  if (sidecars.some(({ legs }) => legs.length > 1))
    notes.push("weights go by a hash of x-request-id: a client that sends its own chooses its share");
  const prefers = [...services.values()].filter(({ prefer }) => prefer);
  if (prefers.length > 0)
    notes.push(
      "prefer leaves a cluster when no endpoint there is ready; where outlier detection ejects some, a part leaves before (below 72% healthy)",
    );
  return notes;
}

/** So many names stand in a line. */
const SHOWN = 8;

/** The report in lines for people. */
export function reportLines({ rules, services, leftOut, copies, notes }: Report): string[] {
  const groups = new Map<string, string[]>();
  for (const { service, mode, heldBy } of services) {
    const key = `${mode}, held by ${heldBy.join(" and ")}`;
    groups.set(key, [...(groups.get(key) ?? []), service]);
  }
  const once = services.flatMap(({ service, heldOnce }) => heldOnce.map((one) => `  ${service}: ${one}`));
  return [
    ...rules.map(
      (one) =>
        `${one.rule}: ${one.mode} ${some(one.patterns)}: ${one.services.length === 0 ? "no service that is known" : some(one.services)}`,
    ),
    ...[...groups].map(([key, names]) => `${key}: ${some(names)}`),
    ...list("not held twice:", once),
    ...list(
      "copied, and stale when its owner changes it, until this is run again:",
      copies.map(
        ({ of, owner, what }) => `  ${what} of ${of}${owner === undefined ? "" : `, which ${owner} owns`}`,
      ),
    ),
    ...list(
      "left out:",
      leftOut.map(({ code, service, why, edit }) => `  ${code} ${service}: ${why}; allowed: ${edit}`),
    ),
    ...notes,
  ];
}

/** So many lines stand in a list. */
const LISTED = 50;

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - LISTED;
  return [title, ...lines.slice(0, LISTED), ...(more > 0 ? [`  ... and ${more} more`] : [])];
}

function some(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
