import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import { resolveHost, serviceHost, serviceOf } from "../inventory/kubernetes/hosts.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { KNOWN_AS } from "./crd/names.ts";

/**
 * What outlives a restart while a cluster cannot be reached. Each DestinationRule of ours says what the service was like when it was made;
 * a service that is in no cluster that can be seen now is taken to be like that still.
 */

/** What a DestinationRule of ours says of its service: enough to make the same again. */
export function knownAs({ spec }: KubeObject): string {
  const ports = itemsOf(spec.ports).map((item) => {
    const { name, port, appProtocol, protocol } = fieldsOf(item);
    return { name, port, appProtocol, protocol };
  });
  return JSON.stringify({ ports, clusterIP: spec.clusterIP === "None" ? "None" : undefined });
}

/** Services by host. */
export function servicesByHost(objects: Iterable<KubeObject>, domain: string): Map<string, KubeObject> {
  const services = [...objects].filter(({ kind, apiVersion }) => kind === "Service" && apiVersion === "v1");
  return new Map(services.map((one) => [serviceHost(one.namespace, one.name, domain), one]));
}

/** The services that only DestinationRules of ours still know of. */
export function remembered(
  ours: Iterable<KubeObject>,
  services: ReadonlyMap<string, KubeObject>,
  cluster: string,
  domain: string,
): KubeObject[] {
  return [...ours].flatMap(({ spec, namespace: own, annotations }) => {
    const host = resolveHost(textOf(spec.host) ?? "", own, domain);
    const names = serviceOf(host, domain);
    const known = annotations[KNOWN_AS];
    if (!names || known === undefined || services.has(host)) return [];
    const fields: Fields = { apiVersion: "v1", kind: "Service", spec: specOf(known) };
    const labels = { labels: {}, annotations: {}, file: `cluster ${cluster}`, cluster };
    return [{ apiVersion: "v1", kind: "Service", ...names, ...labels, spec: fieldsOf(fields.spec), fields }];
  });
}

function specOf(known: string): unknown {
  try {
    return JSON.parse(known) as unknown;
  } catch {
    return {};
  }
}
