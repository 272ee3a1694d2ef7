import { at, list, text } from "../admin/fields.ts";
import type { RouteState } from "./model.ts";

/** What the routes of envoy.config.route.v3.RouteConfigurations look at. */
export function routeState(configurations: readonly unknown[]): RouteState {
  const byHeader = new Map<string, Set<string>>();
  const byClusterHeader = new Map<string, Set<string>>();
  const domains = new Set<string>();
  for (const host of configurations.flatMap((one) => list(at(one, "virtual_hosts")))) {
    const own = list(at(host, "domains")).flatMap((domain) =>
      typeof domain === "string" ? [domain.toLowerCase()] : [],
    );
    const note = (map: Map<string, Set<string>>, header: string | undefined) => {
      if (header === undefined) return;
      const noted = map.get(header) ?? new Set();
      own.forEach((domain) => noted.add(domain));
      map.set(header, noted);
    };
    own.forEach((domain) => domains.add(domain));
    for (const route of list(at(host, "routes"))) {
      for (const match of list(at(route, "match", "headers"))) note(byHeader, text(at(match, "name")));
      note(byClusterHeader, text(at(route, "route", "cluster_header")));
    }
  }
  return { byHeader, byClusterHeader, domains };
}
