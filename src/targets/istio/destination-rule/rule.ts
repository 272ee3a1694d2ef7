import { isEqual } from "../../../inventory/kubernetes/digest.ts";
import { fieldsOf, textsOf, type Fields } from "../../../input/loose.ts";
import { titleOf, type KubeObject } from "../../../inventory/kubernetes/object.ts";
import type { KubeService } from "../../../inventory/kubernetes/services.ts";
import { passthroughOf, subsetsOf, type DestinationRules } from "../../../istio/destination-rules.ts";
import { exportedTo } from "../../../istio/visibility.ts";
import { digest, type SubsetNames } from "../names.ts";
import { own, type Resource } from "../resource.ts";
import { clusterSubsets, firstOfEachName } from "./subsets.ts";

/** Why the subsets of our rules would not reach a service's callers, and the edit that would help. */
export interface Unmergeable {
  why: string;
  edit: string;
}

/** What stands in the way of adding subsets to a service; undefined: nothing. */
export function unmergeable(host: string, rules: DestinationRules): Unmergeable | undefined {
  const users = rules.for(host);
  for (const rule of users) {
    const path = passthroughOf(rule);
    if (path === undefined) continue;
    const why = `${titleOf(rule)}: ${path} sends requests to the address that the caller chose, whatever the subset`;
    return {
      why,
      edit: `a rule with mode "off" for the service, or another load balancer in ${path} if no caller chooses addresses`,
    };
  }
  for (const rule of users) {
    const other = rules
      .exact(host, rule.namespace)
      .find((one) => selectorOf(one) === selectorOf(rule) && !isEqual(exportTo(one), exportTo(rule)));
    if (!other) continue;
    const why = `${titleOf(rule)}: spec.exportTo differs from that of ${other.name}, which is for the same host, so Istio does not add their subsets up`;
    return { why, edit: `the same spec.exportTo in both` };
  }
  return undefined;
}

function exportTo({ spec }: KubeObject): string[] {
  return textsOf(spec.exportTo).sort();
}

/** Rules are for all workloads, or, with this, for those with some labels. */
function selectorOf({ spec }: KubeObject): string {
  const labels = Object.entries(fieldsOf(fieldsOf(spec.workloadSelector).matchLabels)).sort();
  return spec.workloadSelector === undefined ? "" : JSON.stringify(labels);
}

/**
 * The DestinationRules that give a service a subset for each cluster, and for each of the user's subsets one in each cluster:
 * in each namespace whose callers obey rules of their own, one for each workloadSelector that is there, for Istio adds up
 * what selects alike.
 *
 * @param callers the namespaces that callers are known to be in
 */
export function destinationRules(
  service: Pick<KubeService, "host" | "namespace" | "name">,
  clusters: readonly string[],
  names: SubsetNames,
  rules: DestinationRules,
  callers: ReadonlySet<string>,
): Resource[] {
  const { host } = service;
  const seenBy = reach(host, service.namespace, rules);
  const blind = seenBy
    ? [...callers].filter((one) => !seenBy.includes(one) && one !== service.namespace)
    : [];
  const namespaces = new Set([...rules.namespaces(host, service.namespace), ...blind]);
  return [...namespaces].sort().flatMap((namespace) => {
    const exact = rules.exact(host, namespace);
    const selectors = new Set(["", ...exact.map(selectorOf)]);
    return [...selectors].sort().map((selector) => {
      const merged = exact.filter((one) => selectorOf(one) === selector);
      const hidden = exact.length > 0 ? [] : rules.hidden(host, namespace);
      const subsets = firstOfEachName([...merged, ...hidden]);
      const spec: Fields = {
        host,
        ...(merged[0]?.spec.exportTo !== undefined && { exportTo: merged[0].spec.exportTo }),
        ...(selector !== "" && { workloadSelector: merged[0]!.spec.workloadSelector }),
        ...policyOf(hidden),
        subsets: [
          ...(hidden.length > 0 ? subsets.map(({ fields }) => fields) : []),
          ...clusterSubsets(clusters, subsets, names),
        ],
      };
      return own(
        "networking.istio.io/v1",
        "DestinationRule",
        namespace,
        nameOf(service, namespace, selector),
        spec,
      );
    });
  });
}

/** The namespaces that see the rules in the service's own namespace; undefined: all. */
function reach(host: string, namespace: string, rules: DestinationRules): string[] | undefined {
  const exact = rules.exact(host, namespace).filter(({ spec }) => spec.workloadSelector === undefined);
  return exact.length === 0 ? undefined : exportedTo(exact[0]!);
}

function policyOf(hidden: readonly KubeObject[]): Fields {
  const trafficPolicy = hidden.find(({ spec }) => spec.trafficPolicy !== undefined)?.spec.trafficPolicy;
  return trafficPolicy === undefined ? {} : { trafficPolicy };
}

/** Names of services and of namespaces have no dots. */
function nameOf(
  { namespace, name }: Pick<KubeService, "namespace" | "name">,
  place: string,
  selector: string,
): string {
  const away = place === namespace && selector === "" ? "" : `.${namespace}`;
  return `cluster-local-${name}${away}${selector === "" ? "" : `.${digest(selector)}`}`;
}

/** What our rules copy: it goes stale when its owner changes it. */
export function copiedFrom(host: string, namespace: string, rules: DestinationRules): KubeObject[] {
  const found = rules.namespaces(host, namespace).flatMap((one) => {
    const exact = rules.exact(host, one);
    return exact.length > 0 ? exact.filter((rule) => subsetsOf(rule).length > 0) : rules.hidden(host, one);
  });
  return [...new Set(found)];
}
