import type { Problem } from "../../input/problem.ts";
import { covers, resolveHost } from "../../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, type Fields } from "../../input/loose.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { subsetsOf } from "./destination-rules.ts";
import { MESH } from "./scope.ts";
import type { Route, VirtualService } from "./virtual-service-shape.ts";

/** Without these a request goes elsewhere, or as another one. */
const CHANGES = ["rewrite", "redirect", "directResponse", "delegate"];
/** Without these it is treated otherwise on its way. */
const TREATMENT = ["timeout", "retries", "fault", "mirror", "mirrors", "corsPolicy", "headers"];

const UNTAKEN =
  "with --routing envoy-filter, retained requests that none of these routes takes go to the service all the same, without a 404";

/** A route for whatever is left. */
function takesAll({ match }: Route): boolean {
  return !match?.length || match.some((one) => Object.keys(one).length === 0);
}

/**
 * What `--routing envoy-filter` takes from the user's routes to retained services: the weights and version subsets stay,
 * for the filter keeps the cluster that the route chose, and all else goes.
 */
export function givesUp(
  services: readonly VirtualService[],
  atGateways: boolean,
  retained: ReadonlySet<string>,
  domain: string,
): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const whole = new Set(
    services.flatMap(({ object, spec }) =>
      (spec.hosts ?? []).map((host) => resolveHost(host, object.namespace, domain)),
    ),
  );
  for (const service of services) {
    const { object, spec } = service;
    const inMesh = !spec.gateways?.length || spec.gateways.includes(MESH);
    if (!atGateways && !inMesh) continue;
    const names = (hosts: readonly string[]) =>
      hosts.map((host) => resolveHost(host, object.namespace, domain));
    // A wildcard is not for hosts that another one has by their whole names; at a gateway it is for none of the mesh's.
    const own = names(spec.hosts ?? []).some((host) =>
      host.startsWith("*")
        ? inMesh && [...retained].some((one) => covers(host, one) && !whole.has(one))
        : retained.has(host),
    );
    if (own && inMesh && spec.http?.length && !spec.http.some(takesAll))
      warnings.push(problemOf(object, "spec.http", UNTAKEN));
    spec.http?.forEach((route, index) => {
      if (!own && !names(destinationsOf(route)).some((host) => retained.has(host))) return;
      const has = (field: string) => route[field] !== undefined;
      const path = `spec.http[${index}]`;
      for (const field of CHANGES.filter(has)) {
        const message =
          "does not apply to retained requests, allowed with --routing envoy-filter: none (use --routing virtual-service)";
        problems.push(problemOf(object, `${path}.${field}`, message));
      }
      const lost = TREATMENT.filter(has);
      if (lost.length === 0) return;
      const message = `does not apply to retained requests with --routing envoy-filter: ${lost.join(", ")}`;
      warnings.push(problemOf(object, path, message));
    });
  }
  return { problems, warnings };
}

/**
 * The ways to choose an endpoint that `--routing envoy-filter` takes from a DestinationRule: Istio puts what is hashed on the
 * routes. All else of its traffic policies is the Envoy cluster's, and stays.
 */
export function hashGivenUp(rule: KubeObject): Problem[] {
  const policies: [path: string, policy: Fields][] = [
    ["spec.trafficPolicy", fieldsOf(rule.spec.trafficPolicy)],
    ...subsetsOf(rule).map(({ fields }, index): [string, Fields] => [
      `spec.subsets[${index}].trafficPolicy`,
      fieldsOf(fields.trafficPolicy),
    ]),
  ];
  return policies
    .flatMap(([path, policy]): [string, Fields][] => [
      [path, policy],
      ...itemsOf(policy.portLevelSettings).map((settings, index): [string, Fields] => [
        `${path}.portLevelSettings[${index}]`,
        fieldsOf(settings),
      ]),
    ])
    .filter(([, policy]) => fieldsOf(policy.loadBalancer).consistentHash !== undefined)
    .map(([path]) =>
      problemOf(
        rule,
        `${path}.loadBalancer.consistentHash`,
        "does not apply to retained requests with --routing envoy-filter: they go to any endpoint of the cluster",
      ),
    );
}

function destinationsOf(route: Route): string[] {
  return (route.route ?? []).map(({ destination }) => destination.host);
}
