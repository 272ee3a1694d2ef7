import { gatewayVirtualHosts, sidecarVirtualHosts, VirtualServices } from "../../istio/virtual-hosts.ts";
import { tellApart, type Told, type Untold } from "./envoy-filter/told-apart.ts";
import { acting, leftOut, leftOutEntries, planOf, unfit } from "./judge.ts";
import type { Mesh } from "./mesh.ts";
import type { LeftOut, Plan } from "./plan.ts";
import { ownedWeights } from "./owners.ts";

/** How each service is kept local, and by which routes. */
export interface Plans {
  /** By host. */
  services: ReadonlyMap<string, Plan>;
  leftOut: LeftOut[];
  sidecars: Told[];
  gateways: Told[];
  /** For hosts with several VirtualServices: the one that counts. */
  passedOver: VirtualServices["passedOver"];
}

export function plansOf(mesh: Mesh): Plans {
  const { inventory, matcher, policy, virtualServices } = mesh;
  const services = new Map<string, Plan>();
  const out: LeftOut[] = leftOutEntries(inventory, matcher, policy.clusterDomain);
  const fit = acting(mesh.governed).filter((one) => {
    const verdict = one.service.external ? undefined : unfit(one, mesh);
    if (verdict) out.push(leftOut(one, verdict, matcher));
    return !verdict && !one.service.external;
  });
  const index = new VirtualServices(virtualServices);
  const sidecars = tellAll(
    sidecarVirtualHosts(inventory, index),
    new Set(fit.filter(({ pinned }) => pinned).map(({ service }) => service.host)),
  );
  const atGateways = new Set(fit.filter((one) => one.atGateways).map(({ service }) => service.host));
  const all = [...inventory.gateways, ...inventory.kubeGateways];
  const gateways = tellAll(
    atGateways.size === 0 ? [] : gatewayVirtualHosts(all, virtualServices, inventory.services),
    atGateways,
  );
  const untoldBy = [sidecars, gateways].map(({ untold }) => byService(untold));
  for (const one of fit) {
    const { host } = one.service;
    const untold = { sidecars: untoldBy[0]!.get(host) ?? [], gateways: untoldBy[1]!.get(host) ?? [] };
    const plan = planOf(one, untold, mesh);
    if (plan && "routes" in plan) services.set(host, plan);
    else if (plan) out.push(leftOut(one, plan, matcher));
  }
  const live = liveWeights(sidecars.told, services, mesh);
  return {
    ...{ services, leftOut: out, passedOver: index.passedOver, gateways: gateways.told },
    sidecars: sidecars.told.filter((told) => !live.has(told)),
  };
}

function tellAll(
  hosts: Iterable<Told["host"]>,
  concerned: ReadonlySet<string>,
): { told: Told[]; untold: Untold[] } {
  const all = { told: [] as Told[], untold: [] as Untold[] };
  for (const host of hosts) {
    const { told, untold } = tellApart(host, (name) => concerned.has(name));
    all.told.push(...told);
    all.untold.push(...untold);
  }
  return all;
}

function byService(untold: readonly Untold[]): Map<string, Untold[]> {
  const services = new Map<string, Untold[]>();
  for (const one of untold)
    for (const host of one.services) services.set(host, [...(services.get(host) ?? []), one]);
  return services;
}

/**
 * Routes whose weights a controller sets all the time: a copy of these would hold a rollout up, so they are left to the
 * endpoints where these hold them.
 */
function liveWeights(told: readonly Told[], services: ReadonlyMap<string, Plan>, { rules }: Mesh): Set<Told> {
  const live = new Set<Told>();
  for (const one of told) {
    const owner = one.route.weighted ? ownedWeights(one, rules) : undefined;
    if (owner === undefined) continue;
    const plans = one.legs.flatMap(({ host }) => services.get(host) ?? []);
    if (!plans.every(({ endpoints }) => endpoints)) continue;
    live.add(one);
    for (const plan of plans) {
      const note = `${one.host.name} ${one.name ?? "(all routes)"} has weights that ${owner} sets: held by the endpoints alone, so that they stay in force`;
      if (!plan.once.includes(note)) plan.once.push(note);
    }
  }
  return live;
}
