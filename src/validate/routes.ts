import type { Code } from "../input/kinds.ts";
import { fieldsOf, itemsOf, textOf } from "../input/loose.ts";
import { nearest } from "../input/nearest.ts";
import type { Problem } from "../input/problem.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { problemOf } from "../inventory/kubernetes/object.ts";
import { subsetsOf } from "../istio/destination-rules.ts";
import { delegatesOf, destinationsIn, fieldOf, type Destination } from "./destinations.ts";

/**
 * Routes that nobody answers, as explain says of each request: hosts, ports, subsets and delegates that do not exist, with the
 * nearest that does.
 */
export function routeProblems(inventory: Inventory, domain: string): Problem[] {
  return [
    ...destinationsIn(inventory, domain).flatMap((one) => destinationProblems(one, inventory, domain)),
    ...delegateProblems(inventory),
  ];
}

function destinationProblems(one: Destination, inventory: Inventory, domain: string): Problem[] {
  const { services, serviceEntries } = inventory;
  const { object, text, host, port, from, subset } = one;
  const missing = (
    code: Code,
    field: Parameters<typeof fieldOf>[1],
    found: string,
    options: string[],
    allowed: string,
  ) => {
    const message = `found ${JSON.stringify(found)}, allowed: ${allowed}; ${one.outcome}`;
    return [{ ...problemOf(code, object, fieldOf(one, field), message), ...near(found, options) }];
  };
  const service = services.get(host);
  const entry = serviceEntries.get(host);
  if (!service && !entry) {
    // A name with dots may be that of a host elsewhere, as the inventory need not have all ServiceEntries.
    const isOurs =
      services.size > 0 && (!text.includes(".") || host.endsWith(`.svc.${domain.toLowerCase()}`));
    const whole = object.kind === "VirtualService" && text.includes(".");
    const names = [...services.values()].flatMap((other) =>
      whole ? [other.host] : other.namespace === object.namespace ? [other.name] : [],
    );
    return isOurs ? missing("CL0601", "host", text, names, "a service of the inventory") : [];
  }
  const ports =
    service?.ports.map(({ number }) => number) ??
    itemsOf(entry?.spec.ports).map((item) => Number(fieldsOf(item).number));
  if (port !== undefined && ports.length > 0 && !ports.includes(port))
    return missing(
      "CL0602",
      "port",
      String(port),
      ports.map(String),
      `port ${ports.join(" or ")} of ${text}`,
    );
  if (
    port === undefined &&
    from.length > 0 &&
    ports.length > 0 &&
    !from.some((came) => ports.includes(came))
  ) {
    const message = `missing, allowed: port ${ports.join(" or ")} of ${text}, for requests come on ${from.join(", ")}; ${one.outcome}`;
    return [problemOf("CL0602", object, fieldOf(one, "port"), message)];
  }
  if (subset === undefined) return [];
  const names = inventory.destinationRules
    .filter((rule) => covers(resolveHost(textOf(rule.spec.host) ?? "", rule.namespace, domain), host))
    .flatMap((rule) => subsetsOf(rule).map(({ name }) => name));
  return names.includes(subset)
    ? []
    : missing("CL0603", "subset", subset, names, "a subset that some DestinationRule gives it");
}

/** Names that differ in a digit are near, and may well mean another version: so nobody is told that it was meant. */
function near(found: string, options: readonly string[]): { hint?: string } {
  const name = nearest(found, options);
  return name === undefined ? {} : { hint: `the nearest is ${JSON.stringify(name)}` };
}

/** istiod leaves the routes of a delegate that it does not find out: their requests are answered by no route. */
function delegateProblems({ virtualServices }: Inventory): Problem[] {
  const names = new Set(virtualServices.map(({ namespace, name }) => `${namespace}/${name}`));
  return virtualServices.flatMap((object) =>
    delegatesOf(object).flatMap((found, index) => {
      if (found === "" || names.has(found)) return [];
      const message = `found ${JSON.stringify(found)}, allowed: a VirtualService of the inventory; no route takes the requests that are for it`;
      const path = `spec.http[${index}].delegate.name`;
      return [{ ...problemOf("CL0604", object, path, message), ...near(found, [...names]) }];
    }),
  );
}
