import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, ownOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";
import { CLUSTER_LABEL } from "../istio/names.ts";
import type { IstioProxy } from "./istio-match.ts";
import { exportedTo, isVisible, type Resource } from "./istio-resources.ts";

/** What DestinationRules say of a service to the callers of a namespace. */
export interface Obeyed {
  /** The names of all subsets. */
  names: string[];
  /** The labels of a subset; undefined where there is no such subset. */
  labels: (subset: string) => Record<string, string> | undefined;
  /** Whether endpoints in the caller's own cluster come first. */
  localFirst: (subset: string | undefined) => boolean;
  notes: string[];
}

/** A service to whose callers DestinationRules apply. */
interface Ruled {
  host: string;
  /** The namespace of the service; undefined for a host that is none. */
  home: string | undefined;
  /** MeshConfig's rootNamespace. */
  root: string;
  domain: string;
}

/**
 * The rules that a caller obeys (pilot/pkg/model/push_context.go, destinationRule): those of the most specific host in its own
 * namespace, else in the service's, else in the root namespace. Rules for the same host there add up, where they select alike.
 *
 * @param rules the oldest first
 */
export function obeyed(
  { host, home, root, domain }: Ruled,
  proxy: Pick<IstioProxy, "namespace" | "labels">,
  rules: readonly Resource[],
): Obeyed {
  const from = proxy.namespace ?? home ?? "";
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
    () => own(from, from === root ? isPrivate : () => true),
    () => (home === undefined ? [] : own(home, visible)),
    () => own(root, visible),
  ];
  let all: Resource[] = [];
  for (const step of steps) if (all.length === 0) all = step();
  const { found, unsure } = selected(all, proxy.labels);
  const policy = fieldsOf(found.find(({ spec }) => spec.trafficPolicy !== undefined)?.spec.trafficPolicy);
  const subsets = found.flatMap(({ spec }) => itemsOf(spec.subsets).map(fieldsOf));
  const subsetOf = (name: string | undefined) => subsets.find((one) => one.name === name);
  return {
    names: subsets.flatMap(({ name }) => textOf(name) ?? []),
    labels: (name) => {
      const subset = subsetOf(name);
      return subset && (fieldsOf(subset.labels) as Record<string, string>);
    },
    localFirst: (name) => localFirst({ ...policy, ...fieldsOf(subsetOf(name)?.trafficPolicy) }),
    notes: [
      ...unsure.map(
        (one) => `not known: whether ${titleOf(one)}, which selects workloads, is for the caller`,
      ),
      ...(byRegion(policy) ? [REGIONS] : []),
    ],
  };
}

/** Of rules that select workloads those for the caller, else those that select none. */
function selected(all: readonly Resource[], labels: IstioProxy["labels"]) {
  const selectorOf = ({ spec }: Resource) =>
    Object.entries(fieldsOf(fieldsOf(spec.workloadSelector).matchLabels));
  const selective = all.filter(({ spec }) => spec.workloadSelector !== undefined);
  const fits = (rule: Resource) => selectorOf(rule).every(([key, value]) => ownOf(labels, key) === value);
  const first = selective.find(fits);
  const key = (rule: Resource) => JSON.stringify(selectorOf(rule).sort());
  return {
    found: first
      ? selective.filter((one) => key(one) === key(first))
      : all.filter((one) => !selective.includes(one)),
    unsure: first
      ? []
      : selective.filter((rule) =>
          selectorOf(rule).every(([name, value]) => (ownOf(labels, name) ?? value) === value),
        ),
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
