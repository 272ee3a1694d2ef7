import { didYouMean } from "../input/nearest.ts";
import type { Code } from "../input/kinds.ts";
import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import type { Problem } from "../input/problem.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { problemOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { subsetsOf } from "../istio/destination-rules.ts";

/**
 * Destinations of VirtualServices that answer every request with 503, as explain says of each: hosts, ports and subsets that
 * do not exist, with the nearest that does.
 */
export function routeProblems(inventory: Inventory, domain: string): Problem[] {
  return inventory.virtualServices.flatMap((object) =>
    itemsOf(object.spec.http)
      .map(fieldsOf)
      .flatMap((http, index) =>
        itemsOf(http.route).flatMap((route, number) => {
          const path = `spec.http[${index}].route[${number}].destination`;
          return destinationProblems(fieldsOf(fieldsOf(route).destination), path, object, inventory, domain);
        }),
      ),
  );
}

function destinationProblems(
  { host: written, port, subset }: Fields,
  path: string,
  object: KubeObject,
  { services, serviceEntries, destinationRules }: Inventory,
  domain: string,
): Problem[] {
  const text = textOf(written) ?? "";
  const host = resolveHost(text, object.namespace, domain);
  const told = (code: Code, field: string, found: string, options: Iterable<string>, allowed: string) => {
    const hint = didYouMean(found, options);
    const message = `found ${JSON.stringify(found)}, allowed: ${allowed}; every request on this route is answered with 503`;
    return [{ ...problemOf(code, object, `${path}.${field}`, message), ...(hint !== undefined && { hint }) }];
  };
  const service = services.get(host);
  if (!service && !serviceEntries.has(host)) {
    // A name with dots may be that of a host elsewhere, as the inventory need not have all ServiceEntries.
    const isOurs = !text.includes(".") || host.endsWith(`.svc.${domain.toLowerCase()}`);
    const names = [...services.values()].flatMap((one) =>
      text.includes(".") ? [one.host] : one.namespace === object.namespace ? [one.name] : [],
    );
    return isOurs ? told("CL0601", "host", text, names, "a service of the inventory") : [];
  }
  const number = fieldsOf(port).number;
  const ports = service?.ports.map((one) => one.number) ?? [];
  if (typeof number === "number" && ports.length > 0 && !ports.includes(number))
    return told(
      "CL0602",
      "port.number",
      String(number),
      ports.map(String),
      `port ${ports.join(" or ")} of ${text}`,
    );
  const name = textOf(subset);
  if (name === undefined) return [];
  const names = destinationRules
    .filter((rule) => covers(resolveHost(textOf(rule.spec.host) ?? "", rule.namespace, domain), host))
    .flatMap((rule) => subsetsOf(rule).map((one) => one.name));
  return names.includes(name)
    ? []
    : told("CL0603", "subset", name, names, "a subset that some DestinationRule gives it");
}

/**
 * Services of which a cluster's endpoints lack a port, or call it otherwise than the Service: Istio finds endpoints by the
 * port's name, and that cluster's are none (pilot/pkg/xds/endpoints).
 */
export function portProblems({ services }: Inventory): Problem[] {
  return [...services.values()].flatMap((service) =>
    service.ports
      .filter(({ kind }) => kind !== "not-http")
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
        const message = `the endpoints of ${service.namespace}/${service.name} in ${clusters} have no port ${JSON.stringify(name)}, by which name Istio knows port ${number}: there its requests are answered with 503 where they are kept local`;
        return [problemOf("CL0503", first, "ports", message)];
      }),
  );
}
