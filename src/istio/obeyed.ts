import { fieldsOf, itemsOf, ownOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { CLUSTER_LABEL } from "./names.ts";

/** What of a DestinationRule decides about endpoints. */
export type Rule = Pick<KubeObject, "kind" | "namespace" | "name" | "spec">;

/** What DestinationRules say of a service to a proxy. */
export interface Obeyed {
  /** The names of all subsets. */
  names: string[];
  /** The labels of a subset; undefined where there is no such subset. */
  labels: (subset: string) => Record<string, string> | undefined;
  /** Whether endpoints in the caller's own cluster come first. */
  localFirst: (subset: string) => boolean;
  notes: string[];
}

/** A service to whose callers DestinationRules apply. */
interface Ruled {
  host: string;
  port: number;
  /** The namespace of the service; undefined for a host that is none. */
  home: string | undefined;
  /** MeshConfig's rootNamespace. */
  root: string;
  domain: string;
}

interface Caller {
  namespace: string | undefined;
  /** The labels of its pod that are known. */
  labels: Readonly<Record<string, string>>;
}

/** Rules that Istio has made one of. */
interface Merged {
  exportTo: readonly string[];
  /** Of the first. */
  rule: Rule;
  selector: [key: string, value: string][] | undefined;
  subsets: Fields[];
  policy: unknown;
}

/**
 * The rule that a proxy obeys for a service (destinationRule in pilot/pkg/model/push_context.go, DestinationRule in
 * pilot/pkg/model/sidecar.go): of the most specific host in its own namespace, else in the service's, else in the root
 * namespace; there the one that selects its workload, else the last one that selects none.
 *
 * @param rules the oldest first
 */
export function obeyed(
  { host, port, home, root, domain }: Ruled,
  caller: Caller,
  rules: readonly Rule[],
): Obeyed {
  const from = caller.namespace ?? home ?? "";
  const covering = rules
    .map((rule) => ({ rule, for: resolveHost(textOf(rule.spec.host) ?? "", rule.namespace, domain) }))
    .filter((one) => covers(one.for, host));
  const pool = (namespace: string, holds: (rule: Rule) => boolean) => {
    const all = covering.filter(({ rule }) => rule.namespace === namespace && holds(rule));
    // A whole name is longer than what covers it.
    const longest = Math.max(...all.map((one) => one.for.length));
    return merged(all.filter((one) => one.for.length === longest).map(({ rule }) => rule));
  };
  const exported = (namespace: string) =>
    pool(namespace, (rule) => !isPrivate(rule)).filter(
      ({ exportTo }) => exportTo.length === 0 || exportTo.includes("*") || exportTo.includes(from),
    );
  const steps = [
    () => pool(from, from === root ? isPrivate : isForOwn),
    () => (home === undefined ? [] : exported(home)),
    () => exported(root),
  ];
  let found: Merged[] = [];
  for (const step of steps) if (found.length === 0) found = step();
  const { rule, notes } = selected(found, from, caller.labels);
  const subsetOf = (name: string) => rule?.subsets.find((one) => one.name === name);
  const policyOf = (name: string) => ({
    ...atPort(fieldsOf(rule?.policy), port),
    ...atPort(fieldsOf(subsetOf(name)?.trafficPolicy), port),
  });
  return {
    names: rule?.subsets.flatMap(({ name }) => textOf(name) ?? []) ?? [],
    labels: (name) => {
      const subset = subsetOf(name);
      return subset && (fieldsOf(subset.labels) as Record<string, string>);
    },
    localFirst: (name) => localFirst(policyOf(name)),
    notes: [...notes, ...(byRegion(policyOf("")) ? [REGIONS] : [])],
  };
}

/** exportTo as Istio compares it; one that selects workloads is for its own namespace alone (setDestinationRules). */
function exportOf({ spec }: Rule): string[] {
  return spec.workloadSelector === undefined ? [...new Set(textsOf(spec.exportTo))].sort() : ["."];
}

function isForOwn(rule: Rule): boolean {
  const to = exportOf(rule);
  return to.length === 0 || [".", "*", rule.namespace].some((one) => to.includes(one));
}

function isPrivate(rule: Rule): boolean {
  const [only, ...others] = exportOf(rule);
  return others.length === 0 && (only === "." || only === rule.namespace);
}

/** Rules for one host in one namespace, those that select workloads first (mergeDestinationRule). */
function merged(rules: readonly Rule[]): Merged[] {
  const all: Merged[] = [];
  const selects = ({ spec }: Rule) => Number(spec.workloadSelector === undefined);
  for (const rule of [...rules].sort((a, b) => selects(a) - selects(b))) {
    const exportTo = exportOf(rule);
    const selector = selectorOf(rule);
    const subsets = itemsOf(rule.spec.subsets).map(fieldsOf);
    let apart = true;
    for (const one of all) {
      apart = exportTo.join() !== one.exportTo.join();
      const wider = one.exportTo.length > 0 && one.exportTo.every((to) => exportTo.includes(to));
      if (apart && !wider) continue;
      const alike = JSON.stringify(one.selector) === JSON.stringify(selector);
      if (alike) apart = false;
      else if (selector !== undefined && one.selector !== undefined) {
        apart = true;
        continue;
      }
      const known = one.subsets.map(({ name }) => name);
      one.subsets.push(...subsets.filter(({ name }) => !known.includes(name)));
      one.policy ??= rule.spec.trafficPolicy;
    }
    if (apart) all.push({ exportTo, rule, selector, subsets, policy: rule.spec.trafficPolicy });
  }
  return all;
}

function selectorOf({ spec }: Rule): Merged["selector"] {
  if (spec.workloadSelector === undefined) return undefined;
  return Object.entries(
    fieldsOf(fieldsOf(spec.workloadSelector).matchLabels) as Record<string, string>,
  ).sort();
}

function selected(
  all: readonly Merged[],
  namespace: string,
  labels: Caller["labels"],
): { rule: Merged | undefined; notes: string[] } {
  const notes: string[] = [];
  for (const one of all) {
    if (one.selector === undefined || one.rule.namespace !== namespace) continue;
    if (one.selector.every(([key, value]) => ownOf(labels, key) === value)) return { rule: one, notes };
    if (one.selector.every(([key, value]) => (ownOf(labels, key) ?? value) === value))
      notes.push(`not known: whether ${titleOf(one.rule)}, which selects workloads, is for the caller`);
  }
  return { rule: all.findLast(({ selector }) => selector === undefined), notes };
}

/** A trafficPolicy for one port: settings of the port stand in for the others (MergeTrafficPolicy). */
function atPort(policy: Fields, port: number): Fields {
  const own = itemsOf(policy.portLevelSettings)
    .map(fieldsOf)
    .find((one) => Number(fieldsOf(one.port).number) === port);
  return own ? { loadBalancer: own.loadBalancer, outlierDetection: own.outlierDetection } : policy;
}

const REGIONS =
  "not known: the regions and zones of endpoints, of which Istio asks those near to the caller first where outlierDetection is set";

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
