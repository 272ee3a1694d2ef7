import { envoyFilter } from "./envoy-filter.ts";
import { gatewayCallers, pinsAtGateways } from "./gateways.ts";
import { givesUp, hashGivenUp } from "./gives-up.ts";
import { join, type Mesh, type Part } from "./mesh.ts";
import { placements } from "./placement.ts";
import { namespaceRuleName, ruleName } from "./rule-names.ts";
import { subsetRule } from "./subset-rule.ts";
import { UniformNames } from "./uniform-names.ts";

/**
 * Retention by the name of an Envoy cluster, which the filter writes: one EnvoyFilter, and subsets for all services of a
 * namespace at once. Only services with DestinationRules of their own need one of ours: Istio takes the most specific.
 */
export function byClusterHeader(mesh: Mesh): Part {
  const { policy, inventory, options, rules, virtualServices } = mesh;
  const pinned = mesh.governed.filter((one) => one.pinned).map(({ service }) => service);
  const hosts = new Set(pinned.map(({ host }) => host));
  const names = new UniformNames(policy.clusters, inventory.destinationRules);
  const common = { clusters: policy.clusters, clusterLabel: options.clusterLabel, names };
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
      const name = namespaceRuleName(namespace, callers);
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
  const { problems, warnings } = givesUp(virtualServices, atGateways, hosts, policy.clusterDomain);
  const users = inventory.destinationRules.filter((rule) => rules.isFor(rule, hosts));
  return join([
    ...ofNamespaces,
    ...ofServices,
    {
      made: filters,
      problems: [...problems, ...names.problems(users)],
      warnings: [...warnings, ...users.flatMap(hashGivenUp)],
    },
  ]);
}

/** Where the route by header has to be: wherever the filter is, for there it also takes off what clients forge. */
function filterNamespaces({ policy, inventory, options }: Mesh): string[] {
  if (policy.rules.length === 0) return [];
  const namespaces = placements(policy, inventory, options.rootNamespace).map(({ namespace }) => namespace);
  return namespaces.includes(options.rootNamespace) ? [options.rootNamespace] : namespaces;
}
