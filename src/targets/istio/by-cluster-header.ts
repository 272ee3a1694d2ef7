import type { Problem } from "../../input/problem.ts";
import { problemOf } from "../../inventory/kubernetes/object.ts";
import { subsetsOf } from "./destination-rules.ts";
import { envoyFilter } from "./envoy-filter.ts";
import { gatewayCallers, pinsAtGateways } from "./gateways.ts";
import { givesUp, hashGivenUp } from "./gives-up.ts";
import { ruleName } from "./by-routes.ts";
import { join, type Mesh, type Part } from "./mesh.ts";
import { placements } from "./placement.ts";
import { subsetRule } from "./subset-rule.ts";
import { SubsetNames } from "./subset-names.ts";

/**
 * Retention by the name of an Envoy cluster, which the filter writes: one EnvoyFilter, and subsets for all services of a
 * namespace at once. Only services with DestinationRules of their own need one of ours: Istio takes the most specific.
 */
export function byClusterHeader(mesh: Mesh): Part {
  const { policy, inventory, options, rules, virtualServices } = mesh;
  const pinned = mesh.governed.filter((one) => one.pinned).map(({ service }) => service);
  const hosts = new Set(pinned.map(({ host }) => host));
  const common = {
    clusters: policy.clusters,
    clusterLabel: options.clusterLabel,
    names: new SubsetNames(new Set()),
  };
  const made = (input: { host: string; serviceNamespace: string; name: string }, callers: string): Part => {
    const { resource, problems } = subsetRule({ ...common, ...input, versions: "all" }, callers, rules);
    const covered = [...hosts].filter((host) => host === input.host || host.endsWith(input.host.slice(1)));
    return { made: [{ resource, hosts: covered }], problems, warnings: [] };
  };
  const namespaces = [...new Set(pinned.map(({ namespace }) => namespace))].sort();
  const all = (namespace: string) => `*.${namespace}.svc.${policy.clusterDomain}`.toLowerCase();
  const ofNamespaces = namespaces.flatMap((namespace) => {
    const host = all(namespace);
    return rules.namespaces(host, namespace).map((callers) => {
      const name = callers === namespace ? "cluster-local" : `cluster-local-in-${namespace}`;
      return made({ host, serviceNamespace: namespace, name }, callers);
    });
  });
  const ofServices = pinned.flatMap(({ host, namespace, name }) =>
    rules
      .namespaces(host, namespace)
      .filter((callers) => rules.isSpecial(host, all(namespace), callers, namespace))
      .map((callers) =>
        made({ host, serviceNamespace: namespace, name: ruleName(name, namespace, callers) }, callers),
      ),
  );
  const atGateways = pinsAtGateways(policy, gatewayCallers(inventory, options.rootNamespace));
  const filters = filterNamespaces(mesh).map((namespace) => ({
    resource: envoyFilter(namespace, atGateways),
    hosts: [...hosts],
  }));
  const { problems, warnings } = givesUp(
    virtualServices,
    atGateways,
    (host) => hosts.has(host),
    policy.clusterDomain,
  );
  const users = inventory.destinationRules.filter((rule) => rules.isFor(rule, hosts));
  const taken = users.flatMap((rule) => takenNames(rule, policy.clusters));
  return join([
    ...ofNamespaces,
    ...ofServices,
    {
      made: filters,
      problems: [...problems, ...taken],
      warnings: [...warnings, ...users.flatMap(hashGivenUp)],
    },
  ]);
}

/** Where the route by header has to be: wherever the filter is, if it pins anything at all. */
function filterNamespaces({ policy, inventory, options, governed }: Mesh): string[] {
  if (!governed.some(({ pinned }) => pinned)) return [];
  const namespaces = placements(policy, inventory, options.rootNamespace).map(({ namespace }) => namespace);
  return namespaces.includes(options.rootNamespace) ? [options.rootNamespace] : namespaces;
}

/** The filter writes the cluster's id for the subset's name, so the user's subsets must have others. */
function takenNames(rule: Parameters<typeof subsetsOf>[0], clusters: readonly string[]): Problem[] {
  return subsetsOf(rule).flatMap(({ name }, index) => {
    if (!clusters.includes(name)) return [];
    const message = `found ${JSON.stringify(name)}, which --routing envoy-filter needs for the cluster; allowed: another name (or --routing virtual-service)`;
    return [problemOf(rule, `spec.subsets[${index}].name`, message)];
  });
}
