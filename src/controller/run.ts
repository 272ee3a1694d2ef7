import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import type { Access } from "../kube/access.ts";
import { Kube } from "../kube/client.ts";
import { elect } from "./lease.ts";
import { serve } from "./http.ts";
import { log } from "./log.ts";
import { Loop } from "./loop.ts";
import { Mesh } from "./mesh.ts";
import { Metrics } from "./metrics.ts";
import { Reconciler, type ReconcileOptions } from "./reconcile.ts";
import { Reporter } from "./reporter.ts";
import { byTime, bySyncz } from "./settle.ts";

export interface ControllerOptions extends ReconcileOptions {
  clusterId: string;
  /** Where the lease is; undefined: there is one replica. */
  leaseNamespace: string | undefined;
  leaseSeconds: number;
  /** `http://istiod.istio-system:15014`, for /debug/syncz. */
  istiod: string | undefined;
  settleMs: number;
  watchSeconds: number;
  listen: { host: string; port: number };
}

/** The reconcile in which nothing happened for so long hangs. */
const STUCK_MS = 120_000;

/** Runs until the signal, and gives the lease away at the end. */
export async function runController(access: Access, options: ControllerOptions, signal: AbortSignal) {
  const metrics = new Metrics();
  const kube = new Kube(access);
  // What a change does is known only once both are there.
  const changed = (what: "policy" | "mesh") => loop.changed(what);
  const mesh = new Mesh(kube, options, changed, log);
  const settling =
    options.istiod === undefined ? byTime(options.settleMs) : bySyncz(options.istiod, options.settleMs);
  const reporter = new Reporter(kube, metrics, log);
  const reconciler = new Reconciler(kube, mesh, reporter, settling, options);
  const loop: Loop = new Loop(reconciler, mesh, metrics, log);
  const server = await serve(options.listen, {
    healthy: () => loop.busyMs() < STUCK_MS,
    ready: () => mesh.isSynced,
    metrics: () => metrics.text(),
  }).catch((error: unknown) => {
    mesh.stop();
    throw error;
  });
  log("info", "started", { cluster: options.clusterId, server: access.server.href });
  mesh.start();
  const done = loop.run(signal);
  if (options.leaseNamespace === undefined) loop.lead(true);
  else {
    const holder = `${hostname()}-${randomBytes(3).toString("hex")}`;
    const lease = { namespace: options.leaseNamespace, name: "cluster-local-controller", holder };
    await elect(kube, { ...lease, seconds: options.leaseSeconds }, (leading) => loop.lead(leading), signal);
  }
  await done;
  mesh.stop();
  server.close();
  log("info", "stopped");
}
