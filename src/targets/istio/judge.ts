import { serviceOf } from "../../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { titleOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { placeOf } from "../../istio/routes.ts";
import type { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import { unmergeable } from "./destination-rule/rule.ts";
import type { Untold } from "./envoy-filter/told-apart.ts";
import type { Mesh } from "./mesh.ts";
import type { LeftOut, Plan } from "./plan.ts";
import type { Governed } from "./services.ts";

/** What decides how a service is kept local, or that it cannot be. */

type Verdict = Pick<LeftOut, "code" | "why" | "edit"> | undefined;

/** The services that rules act on. */
export function acting(governed: readonly Governed[]): Governed[] {
  return governed.filter(
    ({ strict, prefer, pinned, atGateways }) => strict || prefer || pinned || atGateways,
  );
}

/** Why a service cannot be kept local whatever the routes are. */
export function unfit(one: Governed, mesh: Mesh): Verdict {
  const { service, always } = one;
  const { policy, options, rules } = mesh;
  const off = `a rule with mode "off" for it`;
  if (service.headless)
    return {
      code: "CL0403",
      why: "it is headless: its callers choose an endpoint themselves, and Envoy sends on to what they chose",
      edit: off,
    };
  const dispute = disputeOf(service.host, mesh);
  if (dispute)
    return {
      code: "CL0105",
      why: `${titleOf(dispute.object)} ${dispute.problem.message}`,
      edit: "the same in every file",
    };
  const merge = unmergeable(service.host, rules);
  if (merge) return { code: "CL0407", ...merge };
  if (options.routing === "endpoints") {
    if (always?.mode !== "strict")
      return {
        code: "CL0402",
        why: "the endpoints are the same for every request, and its rules are not",
        edit: byAuto(one, mesh),
      };
    if (policy.override)
      return {
        code: "CL0402",
        why: "an override may ask for another cluster, and the endpoints are the same for every request",
        edit: byAuto(one, mesh),
      };
    return undefined;
  }
  if (lacksFilter(one, mesh))
    return {
      code: "CL0401",
      why: "its rules depend on the request or on the caller, so they need the filter",
      edit: IMAGE,
    };
  const holdsPorts = options.routing === "auto" && byEndpoints(one, mesh);
  if (!holdsPorts && !service.ports.some(({ kind }) => kind !== "not-http"))
    return {
      code: "CL0406",
      why: "it has no port for HTTP, and its rules are only for HTTP",
      edit: `${off}, or, where each cluster has endpoints of it, --routing auto and a strict rule without conditions`,
    };
  return undefined;
}

function disputeOf(
  host: string,
  { inventory, rules, virtualServices }: Mesh,
): Inventory["disputed"][number] | undefined {
  if (inventory.disputed.length === 0) return undefined;
  const objects = new Set<KubeObject["name"]>([
    ...rules.for(host).map(titleOf),
    ...virtualServices
      .filter(
        ({ hosts, routes }) =>
          hosts.includes(host) || routes.some(({ legs }) => legs.some((leg) => leg.host === host)),
      )
      .flatMap(({ object, routes }) =>
        [object, ...routes.map((route) => route.object)].flatMap((one) => (one ? [titleOf(one)] : [])),
      ),
  ]);
  return inventory.disputed.find(({ object }) => objects.has(titleOf(object)));
}

const IMAGE = "--image URL";

/** The routing that can say every rule, with what it needs for this service's. */
export function byAuto(one: Governed, mesh: Pick<Mesh, "policy" | "options">): string {
  return lacksFilter(one, mesh) ? `--routing auto ${IMAGE}` : "--routing auto";
}

function lacksFilter(one: Governed, { policy, options }: Pick<Mesh, "policy" | "options">): boolean {
  return needsFilter(one, policy) && options.image === undefined;
}

/** Whether only the filter can tell which requests a service's rules mean. */
export function needsFilter({ always, pinned, atGateways }: Governed, { override }: Policy): boolean {
  return atGateways || (pinned && (always === undefined || override !== undefined));
}

/** Whether the endpoints can say what the rules of a service say. */
export function byEndpoints({ always }: Governed, { policy }: Pick<Mesh, "policy">): boolean {
  return always?.mode === "strict" && policy.override === undefined;
}

/** How a service is kept local, by the routes to it that no patch can find. */
export function planOf(
  one: Governed,
  untold: { sidecars: readonly Untold[]; gateways: readonly Untold[] },
  mesh: Mesh,
): Plan | Verdict {
  const { routing } = mesh.options;
  const endpoints = routing !== "routes" && byEndpoints(one, mesh);
  if (routing === "endpoints")
    return { ...one, routes: false, endpoints, once: ["all routes, as --routing endpoints says"] };
  const [missing] = [...(endpoints ? [] : untold.sidecars), ...untold.gateways];
  if (missing) {
    const place = missing.route.object === undefined ? missing.host.name : placeOf(missing.route);
    return { code: "CL0408", why: `${place} ${missing.why}`, edit: missing.edit };
  }
  const once = untold.sidecars.map(
    ({ route, why, edit }) => `${placeOf(route)} ${why}: held by the endpoints alone (${edit})`,
  );
  return { ...one, routes: true, endpoints, once: [...new Set(once)] };
}

/** A service as left out, with the rule that names it. */
export function leftOut(
  { service, patterns }: Governed,
  verdict: NonNullable<Verdict>,
  matcher: Matcher,
): LeftOut {
  const { namespace, name, host } = service;
  const acting = patterns.find((pattern) => ["strict", "prefer"].includes(matcher.ruleOf(pattern).mode));
  return { service: `${namespace}/${name}`, host, ...verdict, rule: (acting ?? patterns[0]!).rule };
}

/** Hosts of ServiceEntries have no endpoints that are a cluster's: Istio labels them with the cluster that it reads them in. */
export function leftOutEntries({ serviceEntries }: Inventory, matcher: Matcher, domain: string): LeftOut[] {
  return [...serviceEntries].flatMap(([host, entry]) => {
    const [pattern] = matcher.covering(host);
    if (!pattern || serviceOf(host, domain) || !["strict", "prefer"].includes(matcher.ruleOf(pattern).mode))
      return [];
    const why = `it is a host of ${titleOf(entry)}, whose endpoints are no cluster's`;
    return [
      {
        ...{ code: "CL0405", service: host, host, why },
        edit: `a rule for {hosts: [${JSON.stringify(host)}], mode: "off"}`,
        rule: pattern.rule,
      },
    ];
  });
}
