import { textOf } from "../input/loose.ts";
import { inventoryFrom, type Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import { Matcher } from "../policy/match.ts";
import { hostsOf } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import type { Mode, Rule } from "../policy/rules.ts";
import { generate, type Generated, type GenerateOptions, type Wanted } from "./generate.ts";
import { restricted, type Merged } from "./merge.ts";
import type { PolicyObject } from "./policies.ts";

/** What becomes of a service that some policy names. */
export interface ServicePlan {
  /** `namespace/name` */
  service: string;
  host: string;
  owner: PolicyObject;
  mode: Mode;
  state: "Held" | "Observed" | "LeftAlone" | "Waiting" | "NotHeld";
  /** What keeps its requests local. */
  mechanism: string | undefined;
  /** Ready ones, by cluster, as far as they are known. */
  endpoints: Record<string, number>;
  message: string | undefined;
}

export interface Plan {
  /** In the order in which they are to be applied; undefined: what is there is to stay, as nothing can be made. */
  resources: { resource: Wanted; owner: PolicyObject }[] | undefined;
  services: ServicePlan[];
  /** What is wrong with a policy's rules, by its UID. */
  wrong: Map<string, string>;
}

/** What a plan depends on. */
export interface Basis {
  merged: Merged;
  /** Of all clusters. */
  objects: readonly KubeObject[];
  /** The hosts that are kept local already: strict goes on when their endpoints vanish. */
  held: ReadonlySet<string>;
  /** Clusters that were never seen: whether they have endpoints is not known. */
  unknown: readonly string[];
  /** Hosts that cannot be kept local, or not yet, and why. */
  refused: ReadonlyMap<string, Pick<ServicePlan, "state" | "message">>;
  /** What makes the resources. Default: the generator itself. */
  make?: Make;
}

type Make = (policy: Policy, inventory: Inventory, routing: string) => Generated;

/** What is to be there, of the policies and what is known of the mesh. */
export function plan(basis: Basis, options: GenerateOptions): Plan {
  const { merged, objects, held, unknown, refused } = basis;
  const make = basis.make ?? ((...given: Parameters<Make>) => generate(...given, options));
  const { clusters, clusterDomain } = merged.policy;
  const inventory = inventoryFrom(objects, clusters, clusterDomain);
  const wrong = new Map<string, string>();
  let { policy, owners } = merged;
  // A rule that cannot be generated costs its policy alone.
  for (;;) {
    const governed = governedBy(policy, owners, inventory.services.values());
    const reasons = new Map(
      governed.map((one) => {
        const { host } = one.service;
        return [one, refused.get(host) ?? (held.has(host) ? undefined : waitingFor(one, clusters, unknown))];
      }),
    );
    const out = governed.filter((one) => reasons.get(one) !== undefined);
    const made = make(without(policy, out), inventory, merged.routing);
    if (made.wrong !== undefined) for (const one of owners) wrong.set(one.uid, made.wrong);
    const bad = new Set([...made.wrongRules.keys()].flatMap((index) => owners[index] ?? []));
    if (bad.size === 0 || made.wrong !== undefined) {
      const services = governed.map((one) => ({ ...servicePlan(one, clusters, made), ...reasons.get(one) }));
      const byHost = new Map(services.map((one) => [one.host, one.owner]));
      const resources = made.resources.flatMap((resource) => {
        const owner = ownerOf(resource, byHost, clusterDomain) ?? owners[0];
        return owner === undefined ? [] : [{ resource, owner }];
      });
      return { resources: made.wrong === undefined ? resources : undefined, services, wrong };
    }
    for (const [index, message] of made.wrongRules) {
      const uid = owners[index]?.uid;
      if (uid !== undefined) wrong.set(uid, message);
    }
    const kept = policy.rules.map((rule, index) => ({ rule, owner: owners[index]! }));
    const left = kept.filter(({ owner }) => !bad.has(owner));
    policy = { ...policy, rules: left.map(({ rule }) => rule) };
    owners = left.map(({ owner }) => owner);
  }
}

interface Governed {
  service: KubeService;
  rule: Rule;
  owner: PolicyObject;
}

/** The services that some rule names, with the most specific one. */
function governedBy(
  policy: Policy,
  owners: readonly PolicyObject[],
  services: Iterable<KubeService>,
): Governed[] {
  const matcher = new Matcher(policy);
  return [...services].flatMap((service) => {
    const [pattern] = matcher.covering(service.host);
    if (!pattern) return [];
    return [{ service, rule: matcher.ruleOf(pattern), owner: owners[pattern.rule]! }];
  });
}

/** Why strict would be an outage somewhere, where nobody said that it may; undefined: it would not. */
function waitingFor(
  { service, rule, owner }: Governed,
  clusters: readonly string[],
  unknown: readonly string[],
): Pick<ServicePlan, "state" | "message"> | undefined {
  if (rule.mode !== "strict" || owner.spec.allowEmpty === true || service.external) return undefined;
  const empty = emptyIn(service, clusters);
  const why =
    empty === ""
      ? `whether ${unknown.join(", ")} has endpoints is not known, as it was never reached`
      : `no ready endpoint in ${empty}, where requests would get 503`;
  if (empty === "" && unknown.length === 0) return undefined;
  return { state: "Waiting", message: `${why}; spec.allowEmpty: true keeps it local all the same` };
}

function emptyIn(service: KubeService, clusters: readonly string[]): string {
  return clusters.filter((id) => service.endpoints.get(id) === 0).join(", ");
}

/** The policy without these services: they are left alone. */
function without(policy: Policy, waiting: readonly Governed[]): Policy {
  if (waiting.length === 0) return policy;
  const hosts = new Set(waiting.map(({ service }) => service.host));
  const rules = policy.rules.flatMap((rule) =>
    restricted(rule, (pattern) => !hosts.has(hostsOf(pattern, policy.clusterDomain))),
  );
  const services = waiting.map(({ service: { namespace, name } }) => `${namespace}/${name}`);
  return { ...policy, rules: [...rules, { services, mode: "off" }] };
}

const STATES = { strict: "Held", prefer: "Held", observe: "Observed", off: "LeftAlone" } as const;

function servicePlan(
  { service, rule, owner }: Governed,
  clusters: readonly string[],
  { heldBy, leftOut }: Generated,
): ServicePlan {
  const empty = rule.mode === "strict" ? emptyIn(service, clusters) : "";
  const without =
    empty === "" ? undefined : `no ready endpoint in ${empty}: requests there get 503, none crosses`;
  const name = `${service.namespace}/${service.name}`;
  const out = leftOut.get(service.host);
  return {
    ...{ service: name, host: service.host, owner, mode: rule.mode, mechanism: heldBy.get(name) },
    state: out === undefined ? STATES[rule.mode] : "NotHeld",
    message: out ?? without,
    endpoints: Object.fromEntries(service.endpoints),
  };
}

/** The policy that names the service of a DestinationRule; what is made for several services is no single one's. */
function ownerOf(
  { spec, metadata }: Wanted,
  byHost: ReadonlyMap<string, PolicyObject>,
  domain: string,
): PolicyObject | undefined {
  const host = textOf(spec.host);
  return host === undefined ? undefined : byHost.get(resolveHost(host, metadata.namespace, domain));
}
