import type { Inventory } from "../../inventory/kubernetes/model.ts";
import type { KubeService, ServicePort } from "../../inventory/kubernetes/services.ts";
import type { Matcher } from "../../policy/match.ts";
import type { WrittenPattern } from "../../policy/pattern.ts";
import type { Governed } from "./services.ts";

/** What keeps a rule from doing what it says, service by service: facts for the warnings and for the report. */

/** The clusters in which a service has no ready endpoint: callers there get 503. */
export function clustersWithout({ endpoints }: KubeService): string[] {
  return [...endpoints].filter(([, count]) => count === 0).map(([id]) => id);
}

/** The ports whose requests the filter may never see. */
export function portsBeside({ ports }: KubeService): ServicePort[] {
  return ports.filter(({ kind, udp }) => kind !== "http" && udp !== true);
}

/** `3306 (db)`. */
export function portName({ name, number }: ServicePort): string {
  return `${number}${name === "" ? "" : ` (${name})`}`;
}

/** The patterns that match no service; none where it is not known which services there are. */
export function unmatchedPatterns(
  { services, serviceEntries }: Inventory,
  governed: readonly Governed[],
  matcher: Matcher,
): WrittenPattern[] {
  if (services.size === 0) return [];
  const hosts = [...governed.map(({ service }) => service.host), ...serviceEntries.keys()];
  const matched = new Set(hosts.flatMap((host) => matcher.covering(host)));
  return [...matcher.groups()].flat().filter((pattern) => !matched.has(pattern));
}

/** The clusters of which no endpoint is known, where any could be. */
export function clustersUnknown({ services }: Inventory, clusters: readonly string[]): string[] {
  const [first] = services.values();
  return first ? clusters.filter((id) => !first.endpoints.has(id)) : [];
}

/** `default/reviews`. */
export function nameOf({ namespace, name }: Pick<KubeService, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
