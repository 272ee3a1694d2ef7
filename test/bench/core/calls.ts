import { otherConfiguration, strictConfiguration } from "../envoys/variants.ts";
import { open, start } from "./vm.ts";

/** The host functions that the filter calls: for a request that is left alone, and one that is pinned. */
export interface Calls {
  alone: readonly string[];
  pinned: readonly string[];
  /** Callbacks besides that of the request's headers that Envoy calls for each stream because the module exports them. */
  others: readonly string[];
}

const FOR_EACH_STREAM = /^proxy_on_(request_(body|trailers)|response_\w+|done|log|delete)$/;

/** Counts in the second request of its kind: the first also defines its counters. */
export function hostCalls(module: WebAssembly.Module): Calls {
  const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
  return {
    alone: ofSecond(module, otherConfiguration),
    pinned: ofSecond(module, strictConfiguration),
    others: exported.filter((name) => FOR_EACH_STREAM.test(name)),
  };
}

function ofSecond(module: WebAssembly.Module, configuration: object): string[] {
  const { host, root } = start(module, configuration);
  open(host, root).request();
  host.takeCalls();
  open(host, root).request();
  return host.takeCalls().map(({ name }) => name);
}
