import { setTimeout as sleep } from "node:timers/promises";
import { at, fieldsOf } from "../input/loose.ts";
import { asKubeError, type Kube } from "../kube/client.ts";

export interface LeaseOptions {
  namespace: string;
  name: string;
  /** Who asks: the pod's name. */
  holder: string;
  /** For how long a leader that says nothing stays one. */
  seconds: number;
}

/**
 * Takes part in an election until the signal; `lead` is told each change. A leader that could not renew steps down before
 * others may take over, and one that stops gives the lease away at once. Times are of this clock alone: another's cannot be wrong.
 */
export async function elect(
  kube: Kube,
  { namespace, name, holder, seconds }: LeaseOptions,
  lead: (leading: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  let leading = false;
  const isLeading = () => leading;
  let renewed = 0;
  let seen = { key: "", since: 0 };
  const become = (now: boolean) => {
    if (leading !== now) lead((leading = now));
  };
  const write = async (lease: object | undefined, holderIdentity: string, transitions: number) => {
    const now = new Date().toISOString().replace("Z", "000Z");
    const times = { renewTime: now, acquireTime: now, leaseTransitions: transitions };
    const spec = { holderIdentity, leaseDurationSeconds: seconds, ...times };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name }, ...lease, spec };
    // With the version that was read: of two that write at once, one is refused.
    await kube.request(lease ? "PUT" : "POST", lease ? `${path}/${name}` : path, { body });
  };
  const once = async (giveAway: boolean) => {
    const asked = performance.now();
    const lease = await kube.request("GET", `${path}/${name}`, { idleMs: 3000 }).catch((error: unknown) => {
      if (asKubeError(error).status === 404) return undefined;
      throw error;
    });
    const spec = fieldsOf(lease?.spec);
    const key = JSON.stringify([spec.holderIdentity, spec.renewTime]);
    if (seen.key !== key) seen = { key, since: asked };
    const mine = spec.holderIdentity === holder;
    const left = spec.holderIdentity === undefined || spec.holderIdentity === "";
    if (giveAway ? !mine : !mine && !left && asked - seen.since < seconds * 1000) {
      become(false);
      return;
    }
    const transitions = Number(at(lease, "spec", "leaseTransitions") ?? 0) + (mine ? 0 : 1);
    await write(lease, giveAway ? "" : holder, transitions);
    renewed = asked;
    become(!giveAway);
  };
  // Whatever a request is waiting for.
  const watchdog = setInterval(() => {
    if (performance.now() - renewed > seconds * 660) become(false);
  }, 100);
  while (!signal.aborted) {
    await once(false).catch(() => undefined);
    await sleep(seconds * 200, undefined, { signal }).catch(() => undefined);
  }
  clearInterval(watchdog);
  if (isLeading()) await once(true).catch(() => undefined);
  become(false);
}
