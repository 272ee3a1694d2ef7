import type { HostCall, Stream } from "../../../src/wasm/host.ts";
import { strictConfiguration, otherConfiguration } from "../envoys/variants.ts";
import { open, respond, start } from "./requests.ts";

/** What one callback asks of the host. */
export interface Calls {
  /** The host functions that it calls. */
  names: readonly string[];
  /** Bytes that the host hands over: the property values that it asked for, which go into the arena. */
  bytes: number;
}

/** Of a request that is left alone, one that is pinned strict, and the responses to them. */
export type CallsOf = Record<"alone" | "aloneResponse" | "pinned" | "response", Calls>;

/** Counts in the second request of its kind: the first also defines its counters. */
export function hostCalls(module: WebAssembly.Module): CallsOf {
  const [alone, aloneResponse] = second(module, otherConfiguration);
  const [pinned, response] = second(module, strictConfiguration);
  return { alone, aloneResponse, pinned, response };
}

function second(module: WebAssembly.Module, configuration: object): [request: Calls, response: Calls] {
  const { host, root } = start(module, configuration);
  respond(open(host, root).request());
  host.takeCalls();
  const stream = open(host, root).request();
  const request = summed(host.takeCalls(), stream);
  respond(stream);
  return [request, summed(host.takeCalls(), stream)];
}

function summed(calls: readonly HostCall[], { properties }: Stream): Calls {
  const given = calls.map(({ name, args }) => (name === "get_property" ? (properties[args[0]!] ?? "") : ""));
  return { names: calls.map(({ name }) => name), bytes: Buffer.byteLength(given.join("")) };
}
