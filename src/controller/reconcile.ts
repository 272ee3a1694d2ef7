import { textOf } from "../input/loose.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import type { Kube } from "../kube/client.ts";
import { Applier, type Desired, type Outcome } from "./apply.ts";
import { KNOWN_AS, POLICY_UID } from "./crd/names.ts";
import { Finalizers } from "./finalizers.ts";
import { Departed } from "./departed.ts";
import { knownAs, remembered, servicesByHost } from "./frozen.ts";
import { Generator, type GenerateOptions } from "./generate.ts";
import { MADE } from "./kinds.ts";
import { merge, type Merged } from "./merge.ts";
import type { Mesh } from "./mesh.ts";
import { plan, type Basis, type Plan, type ServicePlan } from "./plan.ts";
import { isSwitchedOff, titleOfPolicy, type PolicyObject } from "./policies.ts";
import type { Reporter } from "./reporter.ts";
import type { Progress } from "./rollout.ts";
import { Rollouts } from "./rollouts.ts";
import type { Settling } from "./settle.ts";
import { needsApproval } from "./approval.ts";

export interface ReconcileOptions extends GenerateOptions {
  /** More new services at once than so many percent wait for an approval. */
  maxChange: number;
  /** Where rollouts learn whether requests fail; undefined: they go by time alone. */
  prometheus: string | undefined;
}

interface Result {
  policies: readonly PolicyObject[];
  merged: Merged;
  /** Undefined: switched off. */
  planned: Plan | undefined;
  outcome: Outcome;
  progress: ReadonlyMap<string, readonly Progress[]>;
}

const NOTHING: Outcome = { applied: 0, deleted: 0, corrected: 0, failed: [] };

/** How long a service whose objects the API server refused is left alone. */
const REFUSED_MS = 30_000;

/** Brings about what the policies ask for, and says in their status whether it holds. */
export class Reconciler {
  readonly applier: Applier;
  private readonly finalizers: Finalizers;
  private readonly generator: Generator;
  private readonly rollouts: Rollouts;
  private readonly departed = new Departed();
  private readonly refused = new Map<string, { message: string; until: number }>();

  constructor(
    kube: Kube,
    private readonly mesh: Mesh,
    private readonly reporter: Reporter,
    settling: Settling,
    private readonly options: ReconcileOptions,
  ) {
    this.applier = new Applier(kube, (kind) => mesh.config.of(kind), settling);
    this.finalizers = new Finalizers(kube);
    this.generator = new Generator(options);
    this.rollouts = new Rollouts(options.prometheus);
  }

  /** Once. Returns whether it is to be done again soon. */
  async run(signal: AbortSignal): Promise<boolean> {
    const policies = [...this.mesh.policies.values()];
    if (!this.mesh.policiesKnown) return false;
    if (isSwitchedOff(policies)) {
      const outcome = await this.applier.removeAll(signal);
      const now = await this.rollouts.now(policies, signal);
      const merged = merge(now.policies, this.mesh.clusterIds);
      const { progress } = now;
      await this.report({ policies, merged, planned: undefined, outcome, progress }, signal);
      return outcome.failed.length > 0;
    }
    if (!this.mesh.isSynced) return false;
    const { policies: now, progress } = await this.rollouts.now(policies, signal);
    const merged = merge(now, this.mesh.clusterIds);
    if (merged.policy.rules.some(({ callers }) => callers)) this.mesh.withWorkloads();
    const { planned, desired } = this.plan(merged);
    await this.finalizers.add(policies);
    const outcome = desired ? await this.applier.run(desired, signal) : NOTHING;
    const again = this.refuse(outcome, merged);
    if (signal.aborted || again) return again;
    await this.report({ policies, merged, planned, outcome, progress }, signal);
    return outcome.failed.length > 0;
  }

  /** In how many ms something may be tried that is not now. */
  nextMs(): number | undefined {
    const now = performance.now();
    const times = [...this.refused.values()].map(({ until }) => Math.max(0, until - now));
    const others = [this.applier.fights, this.rollouts, this.departed].map((one) => one.nextMs());
    const all = [...times, ...others.filter((ms) => ms !== undefined)];
    return all.length > 0 ? Math.min(...all) : undefined;
  }

  private plan(merged: Merged): { planned: Plan; desired: Desired[] | undefined } {
    const domain = merged.policy.clusterDomain;
    const unknown = this.mesh.unknown();
    const objects = [...this.mesh.clusters.values()].flatMap((cluster) => cluster.objects());
    const services = servicesByHost(objects, domain);
    const rules = [...(this.mesh.config.of(MADE[0]!)?.ours() ?? [])].map(({ object }) => object);
    const known = remembered(rules, services, unknown[0] ?? this.mesh.clusterIds[0]!, domain);
    const lost = this.departed.kept(known, unknown.length === 0);
    const held = new Set(
      rules.map(({ spec, namespace }) => resolveHost(textOf(spec.host) ?? "", namespace, domain)),
    );
    const all = [...objects, ...lost];
    const revision = this.revision(lost);
    const make: Basis["make"] = (...given) => this.generator.make(...given, revision);
    const basis: Basis = { merged, objects: all, held, unknown, refused: this.refusals(), make };
    let planned = plan(basis, this.options);
    const waiting = needsApproval(planned.services, held, services.size, this.options.maxChange);
    if (waiting.size > 0)
      planned = plan({ ...basis, refused: new Map([...basis.refused, ...waiting]) }, this.options);
    for (const one of lost)
      services.set(resolveHost(`${one.name}.${one.namespace}.svc.${domain}`, "", domain), one);
    const desired = planned.resources?.map(({ resource, owner }) => {
      const service =
        resource.kind === "DestinationRule" ? services.get(String(resource.spec.host)) : undefined;
      if (!service) return { resource, policy: owner.uid };
      const annotations = { ...resource.metadata.annotations, [KNOWN_AS]: knownAs(service) };
      return {
        resource: { ...resource, metadata: { ...resource.metadata, annotations } },
        policy: owner.uid,
      };
    });
    return { planned, desired };
  }

  /** Of all that resources are made of. */
  private revision(lost: readonly KubeObject[]): string {
    const clusters = [...this.mesh.clusters.values()].map(({ revision }) => revision);
    return JSON.stringify([clusters, lost.map(({ namespace, name, spec }) => [namespace, name, spec])]);
  }

  private refusals(): Map<string, Pick<ServicePlan, "state" | "message">> {
    const now = performance.now();
    for (const [host, { until }] of this.refused) if (until <= now) this.refused.delete(host);
    return new Map([...this.refused].map(([host, { message }]) => [host, { state: "NotHeld", message }]));
  }

  /** A service whose subsets the API server refuses is left out, so that all others go on. */
  private refuse({ failed }: Outcome, { policy }: Merged): boolean {
    const until = performance.now() + REFUSED_MS;
    const hosts = failed.filter(({ host }) => host !== undefined);
    for (const { host, title, message } of hosts)
      this.refused.set(resolveHost(host!, "", policy.clusterDomain), {
        message: `${title}: ${message}`,
        until,
      });
    return hosts.length > 0;
  }

  private async report(result: Result, signal: AbortSignal): Promise<void> {
    const { policies, merged, planned, outcome, progress } = result;
    const off = policies.find((one) => isSwitchedOff([one]));
    const lost = [...this.applier.fights.lost()];
    this.reporter.counted(outcome, planned?.services ?? []);
    for (const policy of policies.filter(({ isDeleted }) => !isDeleted)) {
      // What is said would be of yesterday.
      if (signal.aborted) return;
      const services = (planned?.services ?? []).filter(({ owner }) => owner.uid === policy.uid);
      const approval = services.find(({ message }) => message?.startsWith("waits for"))?.message;
      await this.reporter.report(policy, {
        refused: merged.refused.get(policy.uid),
        conflicts: merged.conflicts.get(policy.uid) ?? [],
        switchedOff: off && titleOfPolicy(off),
        wrong: planned?.wrong.get(policy.uid),
        failed: outcome.failed
          .filter((one) => one.policy === policy.uid)
          .map(({ title, message }) => `${title}: ${message}`),
        undone: lost.filter(([title]) => this.isOf(title, policy)).map(([, message]) => message),
        held: approval === undefined ? undefined : { reason: "WaitsForApproval", message: approval },
        services,
        clusters: merged.policy.clusters,
        unreachable: this.mesh.unreachable(),
        rollouts: progress.get(policy.uid) ?? [],
      });
    }
    const left = new Set(this.ours().map(({ labels }) => labels[POLICY_UID]));
    await this.finalizers.remove(policies.filter(({ isDeleted, uid }) => isDeleted && !left.has(uid)));
  }

  /** Objects of ours are a policy's by their label; one that was deleted is everybody's. */
  private isOf(title: string, { uid }: PolicyObject): boolean {
    const one = this.ours().find(({ kind, namespace, name }) => `${kind} ${namespace}/${name}` === title);
    return one === undefined || one.labels[POLICY_UID] === uid;
  }

  private ours() {
    return MADE.flatMap((kind) => [...(this.mesh.config.of(kind)?.ours() ?? [])]).map(({ object }) => object);
  }
}
