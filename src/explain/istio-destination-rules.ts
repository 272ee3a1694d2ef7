import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";
import { CLUSTER_LABEL } from "../istio/names.ts";
import { exportedTo, isVisible, ROOT_NAMESPACE, type Resource } from "./istio-resources.ts";

/** What DestinationRules say of a service to the callers of a namespace. */
export interface Obeyed {
  /** The labels of a subset; undefined where there is no such subset. */
  labels: (subset: string) => Record<string, string> | undefined;
  /** Whether endpoints in the caller's own cluster come first. */
  localFirst: (subset: string | undefined) => boolean;
  notes: string[];
}

/**
 * The rules that a caller obeys (pilot/pkg/model/push_context.go, destinationRule): those of the most specific host in its own
 * namespace, else in the service's, else in the root namespace. Rules for the same host there add up.
 *
 * @param rules the oldest first
 * @param home the namespace of the service; undefined for a host that is none
 */
export function obeyed(
  host: string,
  home: string | undefined,
  caller: string | undefined,
  rules: readonly Resource[],
  domain: string,
): Obeyed {
  const from = caller ?? home ?? "";
  const own = (namespace: string, sees: (rule: Resource) => boolean) =>
    widest(
      rules.filter((rule) => rule.namespace === namespace && sees(rule)),
      host,
      domain,
    );
  const isPrivate = ({ spec, namespace }: Resource) =>
    exportedTo(spec.exportTo, namespace).join() === namespace;
  const visible = (rule: Resource) => isVisible(rule, from);
  const steps = [
    () => own(from, from === ROOT_NAMESPACE ? isPrivate : () => true),
    () => (home === undefined ? [] : own(home, visible)),
    () => own(ROOT_NAMESPACE, visible),
  ];
  let found: Resource[] = [];
  for (const step of steps) if (found.length === 0) found = step();
  const selective = found.filter(({ spec }) => spec.workloadSelector !== undefined);
  const policy = fieldsOf(found.find(({ spec }) => spec.trafficPolicy !== undefined)?.spec.trafficPolicy);
  const subsets = found.flatMap(({ spec }) => itemsOf(spec.subsets).map(fieldsOf));
  const subsetOf = (name: string | undefined) => subsets.find((one) => one.name === name);
  return {
    labels: (name) => {
      const subset = subsetOf(name);
      return subset && (fieldsOf(subset.labels) as Record<string, string>);
    },
    localFirst: (name) => localFirst({ ...policy, ...fieldsOf(subsetOf(name)?.trafficPolicy) }),
    notes: [
      ...selective.map(
        (one) => `not known: whether ${titleOf(one)}, which selects workloads, is for the caller`,
      ),
      ...(byRegion(policy) ? [REGIONS] : []),
    ],
  };
}

const REGIONS =
  "not known: the regions and zones of endpoints, of which Istio asks those near to the caller first where outlierDetection is set";

function widest(rules: readonly Resource[], host: string, domain: string): Resource[] {
  const placed = rules
    .map((rule) => ({ rule, host: resolveHost(textOf(rule.spec.host) ?? "", rule.namespace, domain) }))
    .filter((one) => covers(one.host, host));
  const exact = placed.filter((one) => one.host === host);
  const length = Math.max(0, ...placed.map((one) => one.host.length));
  const chosen = exact.length > 0 ? exact : placed.filter((one) => one.host.length === length);
  return chosen.map(({ rule }) => rule);
}

/** Istio looks at localities only where it can tell which endpoints are down. */
function localFirst({ loadBalancer, outlierDetection }: Fields): boolean {
  const { failoverPriority } = fieldsOf(fieldsOf(loadBalancer).localityLbSetting);
  return outlierDetection !== undefined && textsOf(failoverPriority)[0] === CLUSTER_LABEL;
}

function byRegion({ loadBalancer, outlierDetection }: Fields): boolean {
  const { enabled, failoverPriority } = fieldsOf(fieldsOf(loadBalancer).localityLbSetting);
  return (
    outlierDetection !== undefined && enabled !== false && textsOf(failoverPriority)[0] !== CLUSTER_LABEL
  );
}
