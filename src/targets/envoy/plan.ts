import { hostOf, type Caller, type Mesh, type Service } from "../../inventory/model.ts";
import type { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import { ANYWHERE } from "./names.ts";
import { mirrorPinOf, pinsOf } from "./pins.ts";

/** What one caller's Envoy needs. */
export interface Plan {
  caller: Caller;
  /** In lower case. */
  clusterDomain: string;
  services: readonly Service[];
  /** The pins that its requests for a service may carry. */
  pins: (service: Service) => readonly string[];
  /** The subsets of the service that have Envoy clusters of their own; see `clusterName`. */
  subsets: (service: Service) => Set<string>;
  /** The pin of copies of requests; see `mirrorPinOf`. */
  mirrorPin: (service: Service) => string | undefined;
}

/** What a caller's Envoy has already, and requests may be on their way to. */
export interface Running {
  /** The names of Envoy clusters. */
  clusters: readonly string[];
  /** Whether its routes know the pin ANYWHERE. */
  anywhere: boolean;
}

/** Plans for a caller; what it runs already stays known, so that no request falls between two configurations. */
export function planFor(
  caller: Caller,
  mesh: Mesh,
  policy: Policy,
  matcher: Matcher,
  running: Running = { clusters: [], anywhere: false },
): Plan {
  const clusterDomain = policy.clusterDomain.toLowerCase();
  const services = caller.kind === "gateway" ? routedServices(caller, mesh.services) : mesh.services;
  const before = subsetsOf(running.clusters);
  const own = new Map<Service, readonly string[]>();
  const pins = (service: Service) => {
    let known = own.get(service);
    if (!known) {
      const subsets = before.get(keyOf(service.port, hostOf(service, clusterDomain))) ?? [];
      const earlier = [...subsets, ...(running.anywhere ? [ANYWHERE] : [])];
      known = [...new Set([...pinsOf(service, caller, policy, matcher), ...(caller.plugin ? earlier : [])])];
      own.set(service, known);
    }
    return known;
  };
  const named = new Map<Service, string[]>();
  for (const { to, mirror } of caller.routes) {
    for (const { service, cluster } of [...to, ...(mirror ? [mirror] : [])]) {
      if (cluster !== undefined) named.set(service, [...(named.get(service) ?? []), cluster]);
    }
  }
  return {
    caller,
    clusterDomain,
    services,
    pins,
    subsets: (service) =>
      new Set([...pins(service).filter((pin) => pin !== ANYWHERE), ...(named.get(service) ?? [])]),
    mirrorPin: (service) => mirrorPinOf(service, caller, policy, matcher),
  };
}

function subsetsOf(names: readonly string[]): Map<string, string[]> {
  const subsets = new Map<string, string[]>();
  for (const name of names) {
    const [, port, subset, host] = name.split("|");
    if (!subset || host === undefined) continue;
    const key = keyOf(port!, host);
    subsets.set(key, [...(subsets.get(key) ?? []), subset]);
  }
  return subsets;
}

const keyOf = (port: number | string, host: string) => `${port}|${host}`;

/** The services that a gateway's routes lead to, each once. */
export function routedServices({ routes }: Caller, services: readonly Service[]): Service[] {
  const routed = new Set(
    routes.flatMap(({ to, mirror }) => [...to, ...(mirror ? [mirror] : [])].map(({ service }) => service)),
  );
  return services.filter((service) => routed.has(service));
}
