import { didYouMean } from "../../input/nearest.ts";
import type { Finding, Problem } from "../../input/problem.ts";
import { problemOf, titleOf } from "../../inventory/kubernetes/object.ts";
import { protocolHint } from "../../inventory/kubernetes/protocol.ts";
import { subsetsOf } from "../../istio/destination-rules.ts";
import { CLUSTER_LABEL } from "../../istio/names.ts";
import { pathOf, type WrittenPattern } from "../../policy/pattern.ts";
import { warnings as policyWarnings } from "../../policy/warnings.ts";
import type { Mesh } from "./mesh.ts";
import type { Plans } from "./plans.ts";
import type { Governed } from "./services.ts";
import {
  clustersUnknown,
  clustersWithout,
  nameOf,
  portName,
  portsBeside,
  unmatchedPatterns,
} from "./shortfalls.ts";

type Known = Pick<Mesh, "policy" | "inventory" | "governed" | "matcher">;

/** What people should know before they apply what was generated, where it can be fixed. */
export function warnings(mesh: Mesh, plans: Plans): { policy: Finding[]; inventory: Problem[] } {
  return {
    policy: [
      ...serviceWarnings(mesh),
      ...mesh.governed
        .filter(({ service }) => plans.services.get(service.host)?.endpoints !== true)
        .flatMap((one) => notHttp(one, mesh)),
      ...mesh.governed.flatMap((one) => udp(one, mesh)),
    ],
    inventory: [...elsewhere(mesh, plans), ...passedOver(plans), ...mirrors(plans), ...disputes(mesh)],
  };
}

/** What the policy and the services say of each other, whatever the target makes of it. */
export function serviceWarnings(known: Known): Finding[] {
  const { policy, governed, matcher } = known;
  const strict = governed.filter((one) => one.strict);
  return [
    ...policyWarnings(policy, matcher),
    ...unmatched(known),
    ...(strict.length > 0 ? unknownEndpoints(known) : []),
    ...governed.filter((one) => one.strict || one.prefer).flatMap((one) => withoutEndpoints(one, known)),
    ...governed.filter(({ service }) => service.external).map(external),
  ];
}

/** To look for the nearest name takes a while in a large mesh; so many mistyped patterns are another mistake. */
const HINTED = 50;

function unmatched({ inventory, governed, matcher }: Known): Finding[] {
  const patterns = unmatchedPatterns(inventory, governed, matcher);
  const { services } = inventory;
  const names = [...services.values()].map(nameOf);
  return patterns.map((pattern): Finding => {
    const options = pattern.kind === "services" ? names : services.keys();
    return {
      code: "CL0304",
      path: pathOf(pattern),
      message: `${JSON.stringify(pattern.text)} matches no service of the inventory: nothing is generated for it`,
      hint: patterns.length <= HINTED ? didYouMean(pattern.text, options) : undefined,
    };
  });
}

/** With prefer, callers get 503 only where no cluster has one. */
function withoutEndpoints({ service, patterns, strict }: Governed, known: Known): Finding[] {
  const clusters = clustersWithout(service);
  if (clusters.length === 0 || (!strict && clusters.length < service.endpoints.size)) return [];
  const message = `${nameOf(service)} has no ready endpoint in ${clusters.join(", ")}: its callers there get 503`;
  return [{ code: "CL0308", path: pathOf(strictOf(patterns, known)), message }];
}

function unknownEndpoints({ inventory, policy: { clusters } }: Known): Finding[] {
  return clustersUnknown(inventory, clusters).map((id) => ({
    code: "CL0303",
    path: ["clusters", clusters.indexOf(id)],
    message: `the inventory has no EndpointSlice of ${id}: it is not known which services have no endpoint there (the file or its folder is to be called ${id})`,
  }));
}

/** Ports that no endpoints' patch covers: the filter and the routes are for HTTP alone. */
function notHttp({ service, patterns, strict }: Governed, known: Known): Finding[] {
  if (!strict || service.headless) return [];
  return portsBeside(service).map((one) => {
    const port = `${nameOf(service)} port ${portName(one)}`;
    const sniffed = one.kind === "sniffed";
    const message = sniffed
      ? `${port} has no protocol: what Istio does not take for HTTP is not kept local`
      : `${port} is not HTTP: it is not kept local`;
    const path = pathOf(strictOf(patterns, known));
    return {
      code: sniffed ? "CL0501" : "CL0502",
      path,
      message,
      hint: sniffed ? protocolHint(one) : undefined,
    };
  });
}

/** Sidecars let it pass, whatever the rule. */
function udp({ service, patterns, strict, prefer }: Governed, known: Known): Finding[] {
  if (!strict && !prefer) return [];
  return service.ports
    .filter(({ udp, besideUdp }) => udp === true || besideUdp === true)
    .map((one): Finding => {
      const message = `${nameOf(service)} port ${portName(one)} is for UDP${one.udp ? "" : ", too"}: that is not kept local`;
      return { code: "CL0505", path: pathOf(strictOf(patterns, known)), message };
    });
}

function external({ service, patterns }: Governed): Finding {
  const message = `${nameOf(service)} is an ExternalName, another name for ${service.externalName ?? "a host"}: nothing is generated for it`;
  return { code: "CL0404", path: pathOf(patterns[0]!), message };
}

/** A cluster that has callers and that the policy does not know: they would not be kept local, and nobody would say so. */
export function unknownClusters({ inventory, policy }: Mesh): Finding[] {
  return [...inventory.otherClusters].flatMap(([id, namespaces]) => {
    const rules = policy.rules.flatMap(({ mode, callers }, index) => {
      const reaches =
        callers?.some((caller) => [...namespaces].some((one) => fits(one, caller.split("/", 1)[0]!))) ?? true;
      return mode === "off" || !reaches ? [] : [`rules[${index}]`];
    });
    if (rules.length === 0) return [];
    const message = `the inventory has a cluster ${JSON.stringify(id)} that is not listed, and ${rules.join(", ")} ${rules.length === 1 ? "is" : "are"} for its callers, too; allowed: with ${id} in "clusters" (or callers that leave it out)`;
    return [{ code: "CL0301", path: ["clusters"], message }];
  });
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Subsets of one cluster: from the others they have nothing. */
function elsewhere({ rules }: Mesh, { services }: Plans): Problem[] {
  return [...services.values()].flatMap(({ service }) =>
    rules.for(service.host).flatMap((rule) =>
      subsetsOf(rule).flatMap(({ name, labels }, index) => {
        const cluster = labels[CLUSTER_LABEL];
        if (typeof cluster !== "string") return [];
        const message = `the subset ${name} is in ${cluster} alone: requests for it that are kept in another cluster get 503`;
        return [problemOf("CL0607", rule, `spec.subsets[${index}].labels`, message)];
      }),
    ),
  );
}

function passedOver({ passedOver: hosts, services }: Plans): Problem[] {
  return [...hosts].flatMap(([host, { winner, losers }]) =>
    services.has(host)
      ? losers.map((one) =>
          problemOf(
            "CL0605",
            one,
            "spec.hosts",
            `is for ${host}, as ${titleOf(winner)} is: Istio obeys the older one alone, so nothing is made for this one`,
          ),
        )
      : [],
  );
}

/** Envoy sends copies of requests past all that chooses the cluster of a route. */
function mirrors({ sidecars, services }: Plans): Problem[] {
  const found = new Map<string, Problem>();
  for (const { host, route } of sidecars)
    for (const mirror of route.mirrors) {
      if (services.get(mirror)?.endpoints !== false || !route.object) continue;
      const message = `mirrors to ${mirror}, and the copies are not kept local (a strict rule without conditions keeps them, too)`;
      found.set(`${host.name} ${route.path}`, problemOf("CL0606", route.object, route.path, message));
    }
  return [...found.values()];
}

function disputes({ inventory }: Mesh): Problem[] {
  return inventory.disputed.map(({ problem }) => problem);
}

function strictOf(patterns: readonly WrittenPattern[], { matcher }: Known): WrittenPattern {
  return patterns.find((pattern) => matcher.ruleOf(pattern).mode === "strict") ?? patterns[0]!;
}
