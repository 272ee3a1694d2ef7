import { setMaxListeners } from "node:events";
import { follow } from "../kube/follow.ts";
import type { Kube, KubeError } from "../kube/client.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { listPath, type Kind } from "./kinds.ts";
import { Known } from "./store.ts";

/** An API server that answers again so soon was not unreachable. */
const BLIP_MS = 2000;

/** A cluster of the mesh, and what is known of it. */
export class Cluster {
  private readonly known = new Map<Kind, Known>();
  private readonly errors = new Map<Kind, { error: KubeError; since: number }>();
  private readonly end = new AbortController();

  constructor(
    readonly id: string,
    readonly kube: Kube,
    private readonly changed: () => void,
    private readonly watchSeconds: number,
  ) {
    // One for each kind.
    setMaxListeners(0, this.end.signal);
  }

  /** Watches these kinds, too. */
  watch(kinds: readonly Kind[]): void {
    for (const kind of kinds) {
      if (this.known.has(kind)) continue;
      const known = new Known(kind.kind, kind.apiVersion, this.id);
      this.known.set(kind, known);
      const on = {
        replace: (items: Parameters<Known["replace"]>[0]) => {
          known.replace(items);
          this.changed();
        },
        change: (type: string, object: Parameters<Known["change"]>[1]) => {
          if (known.change(type, object)) this.changed();
        },
        state: (error: KubeError | undefined) => this.state(kind, known, error),
      };
      void follow(this.kube, listPath(kind), on, this.end.signal, { watchSeconds: this.watchSeconds });
    }
  }

  private state(kind: Kind, known: Known, error: KubeError | undefined): void {
    const before = this.unreachable();
    // A kind that the cluster does not have: there are none.
    if (error?.status === 404) known.synced = true;
    if (error === undefined || error.status === 404) this.errors.delete(kind);
    else {
      const since = this.errors.get(kind)?.since;
      this.errors.set(kind, { error, since: since ?? performance.now() });
      // It counts once it has lasted, which no further error need tell.
      if (since === undefined) setTimeout(() => this.changed(), BLIP_MS + 10).unref();
    }
    if (before !== this.unreachable()) this.changed();
  }

  of(kind: Kind): Known | undefined {
    return this.known.get(kind);
  }

  objects(): KubeObject[] {
    return [...this.known.values()].flatMap((known) => [...known.values()]);
  }

  /** The same as before while resources would be made of the same. */
  get revision(): string {
    return `${this.id} ${[...this.known.values()].map(({ revision }) => revision).join(".")}`;
  }

  /** Whether all kinds were seen once: before, nothing can be said to be gone. */
  get isSynced(): boolean {
    return [...this.known.values()].every(({ synced }) => synced);
  }

  /** Why it cannot be watched now; what is known of it stays. */
  unreachable(): string | undefined {
    const until = performance.now() - BLIP_MS;
    const first = [...this.errors].find(([, { since }]) => since < until);
    return first && `${first[0].plural}: ${first[1].error.message}`;
  }

  stop(): void {
    this.end.abort();
    this.kube.close();
  }
}
