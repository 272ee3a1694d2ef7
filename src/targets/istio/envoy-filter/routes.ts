import type { Fields } from "../../../input/loose.ts";
import { envoyCluster } from "../../../istio/names.ts";
import type { Leg } from "../../../istio/routes.ts";
import type { Matcher } from "../../../policy/match.ts";
import type { Policy } from "../../../policy/policy.ts";
import type { SubsetNames } from "../names.ts";
import { ANYWHERE, orderPin, pinsOf } from "../pins.ts";
import type { Plan } from "../plan.ts";
import { patch, type Context, type Proxies } from "./patch.ts";
import { destination, UNKNOWN_PIN, type Share } from "./specifier.ts";
import type { Told } from "./told-apart.ts";

/** The patches of the routes of one cluster's proxies, and what they lead to. */
export class RoutePatches {
  private readonly byHost = new Map<string, Fields[]>();
  /** The names of the subsets that some route leads to. */
  readonly used = new Set<string>();
  /** The Envoy clusters of these. */
  readonly usedClusters = new Set<string>();
  /** The aggregate Envoy clusters that some route leads to: their own, in order. */
  readonly aggregates = new Map<string, string[]>();

  constructor(
    private readonly local: string,
    private readonly context: Context,
    private readonly plans: ReadonlyMap<string, Plan>,
    private readonly policy: Policy,
    private readonly matcher: Matcher,
    private readonly names: SubsetNames,
    /** The user's subsets of a host. */
    private readonly versions: (host: string) => Iterable<string>,
  ) {}

  /** By virtual host: what is for all of its routes comes before what is for one, and older proxies before newer ones. */
  get patches(): Fields[][] {
    return [...this.byHost.values()];
  }

  /** Patches a route: what it leads to, by the pin where the filter has a say. */
  add(told: Told): void {
    const { host, name, legs } = told;
    const patches = this.byHost.get(host.name) ?? [];
    this.byHost.set(host.name, patches);
    const proxies: Proxies = { context: this.context, cluster: this.local };
    const match = {
      routeConfiguration: {
        vhost: { name: host.name, route: { ...(name !== undefined && { name }), action: "ROUTE" } },
      },
    };
    const merge = (route: Fields, specifier: boolean) =>
      patches.push(patch("HTTP_ROUTE", { ...proxies, specifier }, match, "MERGE", { route }));
    const pinned = new Map([...this.pins(legs)].map((pin) => [pin, this.shares(told, pin)]));
    const otherwise = this.shares(told, undefined);
    const choice = destination({ pinned, otherwise }, `${host.name} ${name ?? ""}`);
    if (!("inline_cluster_specifier_plugin" in choice)) merge(choice, false);
    else {
      // Older proxies: what needs no choice holds there, too.
      if (otherwise.length === 1 && this.alwaysOf(legs[0]!)) merge({ cluster: otherwise[0]!.cluster }, false);
      merge(choice, true);
    }
  }

  private pins(legs: readonly Leg[]): Set<string> {
    return new Set(legs.flatMap((leg) => this.pinsOf(leg)).sort());
  }

  /** The pins on which it depends where a leg's requests go. */
  private pinsOf(leg: Leg): string[] {
    const plan = this.plans.get(leg.host);
    if (!plan || (this.alwaysOf(leg) && this.policy.override === undefined)) return [];
    return pinsOf(plan, this.local, this.policy, this.matcher);
  }

  /** The rule that every request on this leg obeys; rules for gateways are the filter's alone. */
  private alwaysOf(leg: Leg): Plan["always"] {
    return this.context === "GATEWAY" ? undefined : this.plans.get(leg.host)?.always;
  }

  private shares({ host, legs }: Told, pin: string | undefined): Share[] {
    return legs.map((leg) => ({
      cluster: this.clusterOf(leg, pin, (subset) => host.clusterOf(leg, subset)),
      weight: leg.weight,
    }));
  }

  private clusterOf(leg: Leg, pin: string | undefined, named: (subset?: string) => string): string {
    const always = this.alwaysOf(leg);
    if (!this.plans.has(leg.host)) return named();
    if (pin !== undefined && this.pinsOf(leg).length > 0)
      return this.pinsOf(leg).includes(pin) ? this.pinnedTo(pin, leg, named) : UNKNOWN_PIN;
    if (!always) return named();
    const own = always.mode === "strict" ? this.local : orderPin(always, this.local, this.policy.clusters);
    return this.pinnedTo(own, leg, named);
  }

  private pinnedTo(pin: string, { host: service, subset }: Leg, named: (subset?: string) => string): string {
    if (pin === ANYWHERE) return named();
    const clusters = pin.split(",").map((id) => {
      // A rollout moves on to another subset, and proxies get clusters before routes: none may go that was just in use.
      const versions = subset === undefined ? [] : this.versions(service);
      for (const version of [subset, ...versions]) {
        const name = this.names.name(id, version);
        this.used.add(name);
        this.usedClusters.add(named(name));
      }
      return named(this.names.name(id, subset));
    });
    if (clusters.length === 1) return clusters[0]!;
    const [, port, , host] = clusters[0]!.split("|") as [string, string, string, string];
    const aggregate = envoyCluster(host, Number(port), subset === undefined ? pin : `${subset}/${pin}`);
    this.aggregates.set(aggregate, clusters);
    return aggregate;
  }
}
