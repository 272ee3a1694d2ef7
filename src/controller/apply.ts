import { fieldsOf, itemsOf, type Fields } from "../input/loose.ts";
import { digestOf, digestOfFixed } from "../inventory/kubernetes/digest.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { asKubeError, type Kube } from "../kube/client.ts";
import { MANAGER, POLICY_UID } from "./crd/names.ts";
import { Fights } from "./fights.ts";
import type { Wanted } from "./generate.ts";
import { listPath, MADE, type Kind } from "./kinds.ts";
import type { Settling } from "./settle.ts";
import type { Known, OwnObject } from "./store.ts";

/** What is to be there: with the label of its policy. */
export interface Desired {
  resource: Wanted;
  /** The policy's UID. */
  policy: string;
}

export interface Outcome {
  applied: number;
  deleted: number;
  /** Objects of ours that somebody had changed. */
  corrected: number;
  /** What could not be applied or deleted, with the policy whose it is. */
  failed: { title: string; host: string | undefined; policy: string; message: string }[];
}

/** So many requests at a time, for neither the API server nor istiod to be flooded. */
const PARALLEL = 16;

/** Makes what is there what is to be there: subsets before what leads to them, the reverse for what goes. */
export class Applier {
  readonly fights = new Fights();
  /** What an object became, where that is not what was asked for: defaults, or fields of others. */
  private readonly became = new Map<string, { asked: string; spec: string }>();

  constructor(
    private readonly kube: Kube,
    private readonly known: (kind: Kind) => Known | undefined,
    private readonly settling: Settling,
  ) {}

  async run(desired: readonly Desired[], signal: AbortSignal): Promise<Outcome> {
    const outcome: Outcome = { applied: 0, deleted: 0, corrected: 0, failed: [] };
    const wanted = new Map(desired.map((one) => [titleOf(one.resource), one]));
    const changes = desired.flatMap((one) => this.changeOf(one, outcome));
    const stale = this.stale(wanted);
    const [subsets, ...others] = MADE.map(({ kind }) => changes.filter((one) => one.kind.kind === kind));
    const mark = subsets!.length > 0 || stale.length > 0 ? await this.settling.mark(signal) : undefined;
    // What routes still lead to stays until they lead elsewhere.
    await this.applyAll(subsets!.map(widened), outcome, signal);
    if (outcome.failed.length + Number(signal.aborted) > 0) return outcome;
    const isRouted = others.some((list) => list.length > 0);
    if (isRouted && subsets!.length > 0) await this.settling.wait(mark, signal);
    for (const list of others) if (!signal.aborted) await this.applyAll(list, outcome, signal);
    await this.removeStale(stale, subsets!.filter(isNarrowing), isRouted, outcome, signal);
    return outcome;
  }

  /** Everything that is ours, whatever else is wrong: the switch. */
  async removeAll(signal: AbortSignal): Promise<Outcome> {
    const outcome: Outcome = { applied: 0, deleted: 0, corrected: 0, failed: [] };
    await this.removeStale(this.stale(new Map()), [], false, outcome, signal);
    return outcome;
  }

  private async removeStale(
    stale: readonly Stale[],
    narrowed: readonly Change[],
    isRouted: boolean,
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<void> {
    const [subsets, ...routes] = MADE.map(({ kind }) => stale.filter((one) => one.kind.kind === kind));
    const isMoved = isRouted || routes.some((list) => list.length > 0);
    const mark = isMoved ? await this.settling.mark(signal) : undefined;
    for (const list of routes.reverse()) if (!signal.aborted) await this.deleteAll(list, outcome);
    if (subsets!.length === 0 && narrowed.length === 0) return;
    if (isMoved) await this.settling.wait(mark, signal);
    if (signal.aborted) return;
    await this.applyAll(narrowed, outcome, signal);
    await this.deleteAll(subsets!, outcome);
  }

  private changeOf({ resource, policy }: Desired, outcome: Outcome): Change[] {
    const kind = MADE.find((one) => one.kind === resource.kind);
    if (!kind) return [];
    const title = titleOf(resource);
    const { metadata } = resource;
    const labels = { ...metadata.labels, [POLICY_UID]: policy };
    const body = { ...resource, metadata: { ...metadata, labels } };
    const asked = digestOf([digestOfFixed(resource.spec), labels, metadata.annotations ?? {}]);
    const before = find(this.known(kind), metadata);
    if (before && (isAsAsked(before, body) || this.isAsItBecame(title, asked, before))) {
      this.fights.calm(title);
      return [];
    }
    if (this.fights.isAgain(title, asked)) {
      outcome.corrected++;
      const who = before ? (before.otherManager ?? "somebody") : "somebody who deletes it";
      if (!this.fights.mayCorrect(title, who)) return [];
    }
    return [{ kind, title, body, before, asked, policy }];
  }

  private isAsItBecame(title: string, asked: string, { object }: OwnObject): boolean {
    const became = this.became.get(title);
    return became?.asked === asked && became.spec === stateOf(object);
  }

  private async applyAll(changes: readonly Change[], outcome: Outcome, signal: AbortSignal): Promise<void> {
    await inParallel(changes, async ({ kind, title, body, asked, policy, isStep }) => {
      if (signal.aborted) return;
      const { namespace, name } = body.metadata;
      try {
        const path = `${listPath(kind, namespace)}/${name}`;
        const after = await this.kube.apply(path, body, MANAGER);
        const known = this.known(kind);
        known?.change("MODIFIED", after);
        outcome.applied++;
        if (isStep) return;
        const own = find(known, body.metadata);
        if (own) this.became.set(title, { asked, spec: stateOf(own.object) });
        this.fights.applied(title, asked);
      } catch (error) {
        const host = body.spec.host as string | undefined;
        outcome.failed.push({ title, host, policy, message: (error as Error).message });
      }
    });
  }

  private stale(wanted: ReadonlyMap<string, Desired>): Stale[] {
    return MADE.flatMap((kind) =>
      [...(this.known(kind)?.ours() ?? [])]
        .filter(({ object }) => !wanted.has(titleOf({ ...object, metadata: object })))
        .map((own) => ({ kind, own })),
    );
  }

  private async deleteAll(stale: readonly Stale[], outcome: Outcome): Promise<void> {
    await inParallel(stale, async ({ kind, own: { object, uid, resourceVersion } }) => {
      const { namespace, name, labels } = object;
      const title = titleOf({ kind: kind.kind, metadata: object });
      try {
        // The version, too: what lost our label a moment ago is somebody else's now.
        await this.kube.delete(`${listPath(kind, namespace)}/${name}`, uid, resourceVersion);
        this.known(kind)?.change("DELETED", object.fields);
        this.fights.forget(title);
        outcome.deleted++;
      } catch (error) {
        const failure = asKubeError(error);
        if (failure.status === 409) return;
        outcome.failed.push({
          title,
          host: undefined,
          policy: labels[POLICY_UID]!,
          message: failure.message,
        });
      }
    });
  }
}

interface Change {
  kind: Kind;
  title: string;
  body: Wanted;
  before: OwnObject | undefined;
  asked: string;
  policy: string;
  /** Not what it is to be in the end. */
  isStep?: boolean;
}

interface Stale {
  kind: Kind;
  own: OwnObject;
}

function titleOf({
  kind,
  metadata,
}: {
  kind: string;
  metadata: { namespace: string; name: string };
}): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}

function find(known: Known | undefined, { namespace, name }: Wanted["metadata"]): OwnObject | undefined {
  return known?.own(`${namespace}/${name}`);
}

function isAsAsked({ object }: OwnObject, { spec, metadata }: Wanted): boolean {
  const has = (there: Record<string, string>, asked: Record<string, string> = {}) =>
    Object.entries(asked).every(([key, value]) => there[key] === value);
  if (!has(object.labels, metadata.labels) || !has(object.annotations, metadata.annotations)) return false;
  return digestOfFixed(object.spec) === digestOfFixed(spec);
}

const stateOf = ({ spec, labels }: KubeObject) => digestOf([digestOfFixed(spec), labels]);

const subsetsOf = (spec: Fields) => itemsOf(spec.subsets).map(fieldsOf);

/** Subsets that are there and shall go. */
function leaving({ before, body }: Change): Fields[] {
  const names = new Set(subsetsOf(body.spec).map(({ name }) => name));
  return before ? subsetsOf(before.object.spec).filter(({ name }) => !names.has(name)) : [];
}

function isNarrowing(change: Change): boolean {
  return leaving(change).length > 0;
}

function widened(change: Change): Change {
  const more = leaving(change);
  if (more.length === 0) return change;
  const spec = { ...change.body.spec, subsets: [...itemsOf(change.body.spec.subsets), ...more] };
  return { ...change, body: { ...change.body, spec }, isStep: true };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, left.length) }, worker));
}
