import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "./log.ts";
import type { Mesh } from "./mesh.ts";
import type { Metrics } from "./metrics.ts";
import { isSwitchedOff } from "./policies.ts";
import type { Reconciler } from "./reconcile.ts";

/** Changes come in bursts: one reconcile is for all of them. */
const BURST_MS = 40;
/** At the start remote clusters are waited for so long, before they count as not known. */
const FIRST_MS = 5000;
const RETRY_MS = 2000;
const LONGEST_MS = 60_000;

/** Reconciles one after the other, whenever something changed and while this replica leads. */
export class Loop {
  private isDirty = true;
  private isLeading = false;
  private isIdle = false;
  private wake: () => void = () => undefined;
  private pass = new AbortController();
  private readonly started = performance.now();
  private since: number | undefined;

  constructor(
    private readonly reconciler: Reconciler,
    private readonly mesh: Mesh,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  /** Something changed. A policy's change does not wait for what is under way for an older one. */
  changed(what: "policy" | "mesh"): void {
    this.isDirty = true;
    if (what === "policy") this.pass.abort();
    // After a reconcile the mesh's changes wait a while: half of the time is for the watches.
    if (what === "policy" || this.isIdle) this.wake();
  }

  /** How long the reconcile takes that is under way. */
  busyMs(): number {
    return this.since === undefined ? 0 : performance.now() - this.since;
  }

  lead(leading: boolean): void {
    this.isLeading = leading;
    this.metrics.set("leader", Number(leading));
    this.log("info", leading ? "leading" : "not leading");
    this.changed("policy");
  }

  async run(signal: AbortSignal): Promise<void> {
    const isOver = () => signal.aborted;
    signal.addEventListener("abort", () => this.changed("policy"));
    while (!isOver()) {
      if (!this.isDirty || !this.isLeading || this.isEarly()) await this.idle();
      if (isOver() || !this.isDirty || !this.isLeading || this.isEarly()) continue;
      await sleep(BURST_MS);
      this.isDirty = false;
      this.pass = new AbortController();
      const took = await this.once(this.pass.signal);
      if (!this.pass.signal.aborted) await this.rest(Math.min(took, 5000));
    }
  }

  /** Until something changes, or something may be tried again. */
  private async idle(): Promise<void> {
    const next = this.reconciler.nextMs();
    this.isIdle = true;
    const isTimeUp = await this.rest(this.isEarly() ? 100 : Math.min(next ?? Infinity, LONGEST_MS) + 1);
    this.isIdle = false;
    if (isTimeUp && !this.isEarly() && next !== undefined && next <= LONGEST_MS) this.isDirty = true;
  }

  /** Waits; false when a change came first. */
  private rest(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }

  private isEarly(): boolean {
    if (isSwitchedOff([...this.mesh.policies.values()])) return false;
    return this.mesh.unknown().length > 0 && performance.now() - this.started < FIRST_MS;
  }

  private async once(signal: AbortSignal): Promise<number> {
    const started = performance.now();
    let result = "ok";
    this.since = started;
    try {
      if (await this.reconciler.run(signal)) {
        result = "incomplete";
        setTimeout(() => this.changed("mesh"), RETRY_MS).unref();
      }
    } catch (error) {
      result = "error";
      this.log("error", "reconcile failed", { error: (error as Error).stack });
      setTimeout(() => this.changed("mesh"), RETRY_MS).unref();
    }
    this.since = undefined;
    const took = performance.now() - started;
    this.metrics.add("reconciles_total", 1, { result: signal.aborted ? "superseded" : result });
    this.metrics.add("reconcile_seconds_sum", took / 1000);
    this.metrics.add("reconcile_seconds_count");
    for (const id of this.mesh.clusterIds)
      this.metrics.set("cluster_reachable", Number(!this.mesh.unreachable().has(id)), { cluster: id });
    return took;
  }
}
