import { at, itemsOf, textOf } from "../../input/loose.ts";
import type { RouteState } from "./model.ts";

/** What the routes of envoy.config.route.v3.RouteConfigurations look at. */
export function routeState(configurations: readonly unknown[]): RouteState {
  const byHeader = new Map<string, Set<string>>();
  const byClusterHeader = new Map<string, Set<string>>();
  const domains = new Set<string>();
  for (const host of configurations.flatMap((one) => itemsOf(at(one, "virtual_hosts")))) {
    const own = itemsOf(at(host, "domains")).flatMap((domain) =>
      typeof domain === "string" ? [domain.toLowerCase()] : [],
    );
    const note = (map: Map<string, Set<string>>, header: string | undefined) => {
      if (header === undefined) return;
      const noted = map.get(header) ?? new Set();
      own.forEach((domain) => noted.add(domain));
      map.set(header, noted);
    };
    own.forEach((domain) => domains.add(domain));
    for (const route of itemsOf(at(host, "routes"))) {
      for (const match of itemsOf(at(route, "match", "headers"))) note(byHeader, textOf(at(match, "name")));
      note(byClusterHeader, textOf(at(route, "route", "cluster_header")));
    }
  }
  return { byHeader, byClusterHeader, domains };
}
