import type { HostCall, Stream } from "../../../src/wasm/host.ts";
import { strictConfiguration, otherConfiguration } from "../envoys/variants.ts";
import { open, start } from "./requests.ts";

/** What one callback asks of the host. */
export interface Calls {
  /** The host functions that it calls. */
  names: readonly string[];
  /** Bytes that the host hands over: the property values that it asked for, which go into the arena. */
  bytes: number;
}

/** Of a request that is left alone, and of one that is pinned strict. A response calls nothing: there is no callback. */
export type CallsOf = Record<"alone" | "pinned", Calls>;

/** Counts in the second request of its kind: the first also defines its counters. */
export function hostCalls(module: WebAssembly.Module): CallsOf {
  return { alone: second(module, otherConfiguration), pinned: second(module, strictConfiguration) };
}

function second(module: WebAssembly.Module, configuration: object): Calls {
  const { host, root } = start(module, configuration);
  open(host, root).request();
  host.takeCalls();
  const stream = open(host, root).request();
  return summed(host.takeCalls(), stream);
}

function summed(calls: readonly HostCall[], { properties }: Stream): Calls {
  const given = calls.map(({ name, args }) => (name === "get_property" ? (properties[args[0]!] ?? "") : ""));
  return { names: calls.map(({ name }) => name), bytes: Buffer.byteLength(given.join("")) };
}
