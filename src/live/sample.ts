import type { ProxySample } from "./model.ts";
import { LiveError } from "./live-error.ts";

export interface SampleOptions {
  /** For each answer of the admin interface; default 5000. */
  timeoutMs?: number;
}

/** Looks once at the proxy whose admin interface is at this address. Throws LiveError. */
export function sample(address: string, options: SampleOptions = {}): Promise<ProxySample> {
  void options;
  return Promise.reject(new LiveError(`${address}: not there yet`));
}
