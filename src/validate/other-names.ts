import { canonicalHost } from "../input/host.ts";
import { fieldsOf, itemsOf, textOf, textsOf } from "../input/loose.ts";
import type { Problem } from "../input/problem.ts";
import { serviceHost } from "../inventory/kubernetes/hosts.ts";
import { problemOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import { destinationsIn, fieldOf } from "./destinations.ts";
import { kept, ofKind, type Known } from "./known.ts";

/** Hosts by which callers reach a service that rules keep local, and that the rules do not mean. */
export function otherNames(known: Known): Problem[] {
  return [...clusterSetHosts(known), ...entries(known)];
}

/** Of the Multi-Cluster Services API (pilot/pkg/serviceregistry/kube/controller/serviceimportcache.go). */
const CLUSTER_SET = ".svc.clusterset.local";

function clusterSetHosts(known: Known): Problem[] {
  const { inventory, policy } = known.mesh;
  const names = new Set(kept(known).map(({ namespace, name }) => `${namespace}/${name}`));
  const past = (name: string) =>
    `${name.split("/").reverse().join(".")}${CLUSTER_SET} reaches ${name} in all clusters: no rule for ${name} holds it`;
  const objects = ofKind(known, "multicluster.x-k8s.io", "ServiceExport", "ServiceImport");
  const shared = new Map(objects.map((one) => [`${one.namespace}/${one.name}`, one]));
  return [
    ...[...shared].flatMap(([name, one]) =>
      names.has(name) ? [problemOf("CL0701", one, "metadata.name", past(name))] : [],
    ),
    ...destinationsIn(inventory, policy.clusterDomain).flatMap((one) => {
      if (!one.host.endsWith(CLUSTER_SET)) return [];
      const [name, namespace] = one.host.split(".");
      const service = `${namespace}/${name}`;
      return names.has(service) ? [problemOf("CL0701", one.object, fieldOf(one, "host"), past(service))] : [];
    }),
  ];
}

/** ServiceEntries whose endpoints are those of a service, by address, by name, or by the pods that both select. */
function entries(known: Known): Problem[] {
  const { inventory, policy } = known.mesh;
  const services = kept(known);
  if (inventory.serviceEntries.size === 0 || services.length === 0) return [];
  const byAddress = addressesOf(services, ofKind(known, "", "Service"), policy.clusterDomain);
  const objects = [...new Set(inventory.serviceEntries.values())];
  return objects.flatMap((entry) => {
    const { spec, namespace } = entry;
    const endpoints = itemsOf(spec.endpoints).map((one) => textOf(fieldsOf(one).address) ?? "");
    const selector = Object.entries(fieldsOf(fieldsOf(spec.workloadSelector).labels));
    const index = endpoints.findIndex((address) => byAddress.has(canonicalHost(address)));
    const service =
      index >= 0
        ? byAddress.get(canonicalHost(endpoints[index]!))
        : services.find(
            (one) => one.namespace === namespace && overlap(selector, Object.entries(one.selector)),
          );
    if (!service || textsOf(spec.hosts).includes(service.host)) return [];
    const path = index >= 0 ? `spec.endpoints[${index}].address` : "spec.workloadSelector";
    const name = `${service.namespace}/${service.name}`;
    const message = `${textsOf(spec.hosts).join(", ")} reaches endpoints of ${name}: no rule for ${name} holds it`;
    return [problemOf("CL0702", entry, path, message)];
  });
}

/** What leads to a service: its name, its address, and those of its endpoints. */
function addressesOf(
  services: readonly KubeService[],
  objects: readonly KubeObject[],
  domain: string,
): Map<string, KubeService> {
  const byHost = new Map(services.map((one) => [one.host, one]));
  const addresses = new Map(byHost);
  for (const { namespace, name, spec } of objects) {
    const service = byHost.get(serviceHost(namespace, name, domain));
    for (const address of service ? [spec.clusterIP, ...textsOf(spec.clusterIPs)] : [])
      if (typeof address === "string" && address !== "None") addresses.set(address, service!);
  }
  for (const service of services)
    for (const { fields } of service.slices)
      for (const endpoint of itemsOf(fields.endpoints))
        for (const address of textsOf(fieldsOf(endpoint).addresses))
          addresses.set(canonicalHost(address), service);
  return addresses;
}

/** Whether all that one selects, the other selects, too. */
function overlap(a: [string, unknown][], b: [string, unknown][]): boolean {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  return (
    few.length > 0 && few.every(([key, value]) => many.some(([of, other]) => of === key && other === value))
  );
}
