import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";

/** Of which proxies the patches are looked at. */
export interface PatchedProxy {
  cluster: string;
  context: "SIDECAR_OUTBOUND" | "GATEWAY";
}

/** A place that requests go to: an Envoy cluster, and how many of them. */
export interface Share {
  cluster: string;
  weight: number;
}

/**
 * What our EnvoyFilters change in the proxies of a cluster, in the order in which istiod applies them
 * (pilot/pkg/networking/core/envoyfilter). Proxies are taken for istio-proxy 1.30 or newer, which have the matcher.
 */
export class Patches {
  private readonly entries: { applyTo: string; match: Fields; operation: string; value: Fields }[];

  constructor(filters: readonly Pick<KubeObject, "spec">[], { cluster, context }: PatchedProxy) {
    this.entries = filters
      .flatMap(({ spec }) => itemsOf(spec.configPatches))
      .map(fieldsOf)
      .filter(({ match }) => {
        const { metadata } = fieldsOf(fieldsOf(fieldsOf(match).proxy));
        const { CLUSTER_ID = cluster } = fieldsOf(metadata);
        const { context: of = context } = fieldsOf(match);
        return CLUSTER_ID === cluster && of === context;
      })
      .map(({ applyTo, match, patch }) => ({
        applyTo: textOf(applyTo) ?? "",
        match: fieldsOf(match),
        operation: textOf(fieldsOf(patch).operation) ?? "",
        value: fieldsOf(fieldsOf(patch).value),
      }));
  }

  /**
   * Where a route leads to with a pin, in the order of its destinations; undefined for a route that is as its owner wrote it. A
   * patch without a name is for all routes of the virtual host.
   */
  route(
    virtualHost: string | undefined,
    name: string | undefined,
    pin: string | undefined,
  ): Share[] | undefined {
    let action: Fields | undefined;
    for (const { applyTo, match, operation, value } of this.entries) {
      if (applyTo !== "HTTP_ROUTE" || operation !== "MERGE") continue;
      const vhost = fieldsOf(fieldsOf(match.routeConfiguration).vhost);
      const asked = textOf(fieldsOf(vhost.route).name);
      if (vhost.name === virtualHost && (asked === undefined || asked === name))
        action = fieldsOf(value.route);
    }
    return action && sharesOf(action, pin);
  }

  /** The name by which istiod is asked for the endpoints of an Envoy cluster: as it is named, or all of its service. */
  endpointsOf(envoyCluster: string): string {
    const host = envoyCluster.split("|")[3];
    const merged = this.entries.filter(({ applyTo, operation, match }) => {
      if (applyTo !== "CLUSTER" || operation !== "MERGE") return false;
      const { name, service } = fieldsOf(match.cluster);
      return name === envoyCluster || (name === undefined && service === host);
    });
    const service = textOf(fieldsOf(merged.at(-1)?.value.eds_cluster_config).service_name);
    return service ?? envoyCluster;
  }

  /** The Envoy clusters that an aggregate one tries in order; undefined for what is none of ours. */
  aggregate(envoyCluster: string): string[] | undefined {
    const added = this.entries.find(
      ({ applyTo, operation, value }) =>
        applyTo === "CLUSTER" && operation === "ADD" && value.name === envoyCluster,
    );
    const { clusters } = fieldsOf(fieldsOf(fieldsOf(added?.value.cluster_type).typed_config));
    return added && itemsOf(clusters).map(String);
  }

  /** Whether the Envoy clusters of a subset are taken away. */
  isRemoved(subset: string): boolean {
    return this.entries.some(
      ({ applyTo, operation, match }) =>
        applyTo === "CLUSTER" && operation === "REMOVE" && fieldsOf(match.cluster).subset === subset,
    );
  }
}

/** What a route's action leads to: `cluster`, or the matcher cluster specifier. */
function sharesOf(action: Fields, pin: string | undefined): Share[] | undefined {
  const cluster = textOf(action.cluster);
  if (cluster !== undefined) return [{ cluster, weight: 1 }];
  const extension = fieldsOf(fieldsOf(action.inline_cluster_specifier_plugin).extension);
  const matcher = fieldsOf(extension.typed_config).cluster_matcher;
  return matcher === undefined ? undefined : inMatcher(fieldsOf(matcher), pin);
}

/** xds.type.matcher.v3.Matcher, as we write it: by the pin's filter state, or by a hash of x-request-id. */
function inMatcher(matcher: Fields, pin: string | undefined): Share[] {
  const otherwise = () => onMatch(fieldsOf(matcher.on_no_match), pin);
  if (matcher.matcher_tree !== undefined) {
    const map = fieldsOf(fieldsOf(fieldsOf(matcher.matcher_tree).exact_match_map).map);
    return pin !== undefined && Object.hasOwn(map, pin) ? onMatch(fieldsOf(map[pin]), pin) : otherwise();
  }
  const matchers = itemsOf(fieldsOf(matcher.matcher_list).matchers).map(fieldsOf);
  const predicates = matchers.map(({ predicate }) => fieldsOf(fieldsOf(predicate).single_predicate));
  if (predicates[0]?.custom_match === undefined)
    return pin === undefined ? otherwise() : onMatch(fieldsOf(matchers[0]?.on_match), pin);
  let left = 0;
  const shares = matchers.map(({ on_match }, index) => {
    const { threshold, modulo } = fieldsOf(fieldsOf(predicates[index]!.custom_match).typed_config);
    const above = index === 0 ? Number(modulo) : left;
    left = Number(threshold);
    return onMatch(fieldsOf(on_match), pin).map(({ cluster }) => ({ cluster, weight: above - left }));
  });
  return [...shares.flat(), ...otherwise().map(({ cluster }) => ({ cluster, weight: left }))];
}

function onMatch({ action, matcher }: Fields, pin: string | undefined): Share[] {
  if (matcher !== undefined) return inMatcher(fieldsOf(matcher), pin);
  const cluster = textOf(fieldsOf(fieldsOf(action).typed_config).cluster);
  return cluster === undefined ? [] : [{ cluster, weight: 1 }];
}
