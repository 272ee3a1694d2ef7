import { count } from "../../input/words.ts";
import type { Route } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Governed } from "../governed.ts";
import { all, names } from "../names.ts";
import { ANYWHERE } from "../pins.ts";

/** A pin that the filter gives nobody: of a cluster id there is no comma at its end. */
const NOBODYS = "?,";

/** What may be wrong with a route, and how it is seen. */
const FAULTS = {
  unread: [
    "error",
    "no route reads the pin: its requests go as if there were no rule",
    "no matcher cluster specifier with the filter state wasm.cluster_local_pin",
  ],
  unheld: [
    "error",
    "without the filter its requests go as if there were no rule",
    "not to the local Envoy cluster alone",
  ],
  open: [
    "error",
    "a pin that the route does not know leads to endpoints, allowed: 503",
    "the matcher of the route's specifier falls through",
  ],
  unknown: ["error", "the route does not know a pin that the rules give: 503 (NC)", "no such entry"],
  absent: [
    "error",
    "the route names an Envoy cluster that does not exist: 503 (NC)",
    "not all in /config_dump",
  ],
  astray: [
    "error",
    "a pin leads to endpoints of other clusters",
    "the Envoy cluster has others, or another order",
  ],
  elsewhere: [
    "warning",
    "the route itself names another cluster than the rule: 503 (NC)",
    "no endpoint is in both",
  ],
} as const;
type Fault = keyof typeof FAULTS;

/** Whether each pin leads where it should, by whatever is in force: the route's specifier, its cluster, or the endpoints. */
export function checkRoutes(facts: Facts): Finding[] {
  const pinned = facts.governed.filter(({ pins, routes }) => pins.length > 0 && routes.length > 0);
  if (pinned.length === 0) return [];
  const faults = pinned.flatMap((service) =>
    service.routes.flatMap((route) => faultsOf(route, service, facts).map((one) => ({ ...one, service }))),
  );
  const kinds = Object.keys(FAULTS) as Fault[];
  const findings = kinds.flatMap((kind): Finding[] => {
    const found = faults.filter(({ fault }) => fault === kind);
    if (found.length === 0) return [];
    const [level, message, seen] = FAULTS[kind];
    return [
      {
        check: "routes",
        level,
        message: `${names(found.map(({ service }) => service.name))}: ${message}`,
        evidence: found.slice(0, 3).map(({ what }) => `${what}: ${seen}`),
        remedy:
          "apply all that cluster-local generate writes (routes and clusters beside the filter); on Istio look for another DestinationRule of the same host",
      },
    ];
  });
  if (findings.length > 0) return findings;
  const routes = count(new Set(pinned.flatMap((service) => service.routes)).size, "route");
  return [
    {
      check: "routes",
      level: "ok",
      message: `pins lead where they should for ${all(pinned.length, "service")}`,
      evidence: [`${routes}: ${names(pinned.map(({ name }) => name))}`],
    },
  ];
}

interface Found {
  fault: Fault;
  what: string;
}

function faultsOf(route: Route, service: Governed, facts: Facts): Found[] {
  const targetsOf = (pin: string | undefined) => facts.clusters.targetsOf(route, pin, service.name);
  const exists = (cluster: string) => facts.clusters.get(cluster) !== undefined;
  const nobodys = targetsOf(NOBODYS);
  const named = facts.clusters.homesOf(targetsOf(undefined));
  const faults = service.pins.flatMap((pin): Found[] => {
    // Without the filter no request has a pin.
    const targets = targetsOf(facts.plugin && pin);
    const what = `route ${route.name}, pin ${pin} to ${names(targets)}`;
    const isThere = targets.length > 0 && targets.every(exists);
    if (isThere && targets.every((cluster) => leadsTo(cluster, pin, named, facts))) return [];
    if (!facts.plugin) return [{ fault: "unheld", what: `route ${route.name} to ${names(targets)}` }];
    if (!route.readsPin) return [{ fault: "unread", what: `route ${route.name}` }];
    if (named && !pin.split(",").some((id) => named.has(id))) return [{ fault: "elsewhere", what }];
    if (targets.length === 0 || isSame(targets, nobodys)) return [{ fault: "unknown", what }];
    return [{ fault: isThere ? "astray" : "absent", what }];
  });
  // Where the route's default is local itself, or its cluster has no other endpoints, nothing can leave by an unknown pin.
  const holdsAnyway = service.mode === "strict" && named?.size === 1 && named.has(facts.local!);
  if (route.readsPin && !holdsAnyway && nobodys.some(exists))
    faults.push({ fault: "open", what: `route ${route.name}, any other pin to ${names(nobodys)}` });
  return faults;
}

/**
 * Whether an Envoy cluster is what a pin means: endpoints of that cluster, or of these in order.
 *
 * @param named the clusters that the route itself names: of an order, it may have these alone
 */
function leadsTo(
  cluster: string,
  pin: string,
  named: ReadonlySet<string> | undefined,
  { clusters }: Facts,
): boolean {
  if (pin === ANYWHERE) return true;
  const homes = clusters.membersOf(cluster).map((member) => clusters.homeOf(member));
  const both = pin.split(",").filter((id) => named?.has(id));
  return homes.join(",") === pin || (both.length > 0 && homes.join(",") === both.join(","));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
