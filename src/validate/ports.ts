import { fieldsOf, itemsOf, numberOf, textOf } from "../input/loose.ts";
import type { Problem } from "../input/problem.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { problemOf, titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { portKind } from "../inventory/kubernetes/protocol.ts";

/** Ports that the clusters do not agree on, and those that endpoints lack. */
export function portProblems(inventory: Inventory, objects: readonly KubeObject[]): Problem[] {
  const { problems, named } = disagreements(objects);
  return [...problems, ...lackingPorts(inventory, named)];
}

/**
 * Services of which a cluster's endpoints lack a port, or call it otherwise than the Service: Istio finds endpoints by the
 * port's name, and that cluster's are none (pilot/pkg/xds/endpoints).
 *
 * @param told ports (`host:port`) that Services call otherwise in other clusters, which is told of them
 */
function lackingPorts({ services }: Inventory, told: ReadonlySet<string>): Problem[] {
  return [...services.values()].flatMap((service) =>
    service.ports
      .filter(({ udp, number }) => udp !== true && !told.has(`${titleOfService(service)}:${number}`))
      .flatMap(({ name, number }) => {
        const named = (slice: KubeObject) =>
          itemsOf(slice.fields.ports).some((one) => (textOf(fieldsOf(one).name) ?? "") === name);
        const having = new Set(service.slices.filter(named).map(({ cluster }) => cluster));
        const lacking = service.slices.filter(
          ({ cluster, fields }) =>
            cluster !== undefined && !having.has(cluster) && itemsOf(fields.endpoints).length > 0,
        );
        const first = lacking[0];
        if (!first) return [];
        const clusters = [...new Set(lacking.map(({ cluster }) => cluster!))].join(", ");
        const message = `the endpoints of ${service.namespace}/${service.name} in ${clusters} have no port ${JSON.stringify(name)}, by which name Istio knows port ${number}: there nobody answers requests that are kept local`;
        return [problemOf("CL0503", first, "ports", message)];
      }),
  );
}

function titleOfService(service: { namespace: string; name: string }): string {
  return titleOf({ kind: "Service", ...service });
}

interface Port {
  name: string;
  kind: string;
  object: KubeObject;
}

/** Istio has one port of a number for all clusters: that of the Service that it sees first (serviceregistry/aggregate). */
function disagreements(objects: readonly KubeObject[]): { problems: Problem[]; named: Set<string> } {
  const known = new Map<string, Port>();
  const problems: Problem[] = [];
  const named = new Set<string>();
  for (const object of objects) {
    if (object.kind !== "Service" || object.apiVersion !== "v1") continue;
    itemsOf(object.spec.ports)
      .map(fieldsOf)
      .forEach(({ port, name, appProtocol, protocol }, index) => {
        const number = numberOf(port) ?? 0;
        const key = `${titleOf(object)}:${number}`;
        const id = `${key}/${textOf(protocol) ?? "TCP"}`;
        const own = textOf(name) ?? "";
        const kind = portKind(own, number, textOf(appProtocol), textOf(protocol));
        const other = known.get(id);
        if (!other) known.set(id, { name: own, kind, object });
        if (!other || (other.name === own && other.kind === kind)) return;
        if (other.name !== own) named.add(key);
        const [here, there] = [WORDS[kind], WORDS[other.kind as keyof typeof WORDS]];
        const message = `port ${number} is ${JSON.stringify(own)} (${here}), but ${JSON.stringify(other.name)} (${there}) in ${other.object.file}: Istio takes one of them for all clusters, and finds endpoints by that name alone`;
        problems.push(problemOf("CL0504", object, `spec.ports[${index}]`, message));
      });
  }
  return { problems, named };
}

const WORDS = { http: "HTTP", "not-http": "not HTTP", sniffed: "no protocol" };
