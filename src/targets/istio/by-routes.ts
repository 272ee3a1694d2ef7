import type { HostIndex } from "../../inventory/kubernetes/host-index.ts";
import { resolveHost } from "../../inventory/kubernetes/hosts.ts";
import type { Governed } from "./governed.ts";
import { gatewayPins } from "./gateways.ts";
import { join, type Mesh, type Part } from "./mesh.ts";
import { ownVirtualService } from "./own-virtual-service.ts";
import { wholeGateway } from "./scope.ts";
import { routedHosts } from "./routed-hosts.ts";
import { ruleName } from "./rule-names.ts";
import { subsetRule } from "./subset-rule.ts";
import { SubsetNames } from "./subset-names.ts";
import { uncovered } from "./uncovered.ts";
import type { VirtualService } from "./virtual-service-shape.ts";
import { weave } from "./weave.ts";
import type { Weaving } from "./weave-route.ts";

/**
 * Retention by routes: a subset for each cluster, and routes to them for requests with the header, or without the filter
 * for all requests of the cluster's callers.
 */
export function byRoutes(mesh: Mesh, header: string | undefined): Part {
  const { policy, inventory, options, rules, virtualServices } = mesh;
  const domain = policy.clusterDomain;
  const pinned = new Map(mesh.governed.filter((one) => one.pinned).map((one) => [one.service.host, one]));
  const names = new Map([...pinned.keys()].map((host) => [host, new SubsetNames(rules.subsets(host))]));
  const versions = new Map([...pinned.keys()].map((host) => [host, new Set<string>()]));
  const weavingIn = (namespace: string): Weaving => ({
    clusters: policy.clusters,
    clusterLabel: options.clusterLabel,
    header,
    anywhere: new Set(policy.override?.allow),
    resolve: (host) => resolveHost(host, namespace, domain),
    gateway: (name) => wholeGateway(name, namespace),
    subset: (host, version, cluster) => {
      const whole = resolveHost(host, namespace, domain);
      if (version !== undefined) versions.get(whole)?.add(version);
      return names.get(whole)?.name(cluster, version);
    },
  });
  const pins = gatewayPins(policy, inventory, options.rootNamespace);
  const woven = weave(virtualServices, (gateway) => header !== undefined && pins(gateway), weavingIn);
  const routed = routedHosts(virtualServices, domain);
  const own = [...pinned.values()]
    .filter(({ service }) => routed.covering(service.host).length === 0)
    .map(({ service: { host, namespace, name } }) => ({
      resource: ownVirtualService(host, namespace, `cluster-local-${name}`, weavingIn(namespace)),
      hosts: [host],
    }));
  // After weaving: only then it is known which subsets the routes name.
  const subsets = [...pinned.values()].map((one) =>
    subsetsOf(one, mesh, names.get(one.service.host)!, versions.get(one.service.host)!),
  );
  const around = { clusters: policy.clusters, clusterLabel: options.clusterLabel, domain };
  const problems = virtualServices.flatMap((one) =>
    uncovered(
      one,
      virtualServices,
      [...pinned.values()].map(({ service }) => service).filter(({ host }) => obeys(one, host, routed)),
      around,
    ),
  );
  return join([woven, { made: own, problems, warnings: [] }, ...subsets]);
}

/** Whether sidecars may obey a VirtualService for a host: one with the whole name comes before those with wildcards. */
function obeys(service: VirtualService, host: string, routed: HostIndex<VirtualService>): boolean {
  const whole = routed.exact(host);
  return whole.length === 0 || whole.includes(service);
}

function subsetsOf(
  { service: { host, namespace, name } }: Governed,
  { policy, options, rules }: Mesh,
  names: SubsetNames,
  versions: ReadonlySet<string>,
): Part {
  const parts = rules.namespaces(host, namespace).map((callers) => {
    const input = {
      ...{ host, names, versions, serviceNamespace: namespace },
      name: ruleName(name, namespace, callers),
      clusters: policy.clusters,
      clusterLabel: options.clusterLabel,
    };
    const { resource, problems } = subsetRule(input, callers, rules);
    return { made: [{ resource, hosts: [host] }], problems, warnings: [] };
  });
  return join(parts);
}
