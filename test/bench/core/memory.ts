import { otherConfiguration, strictConfiguration, withRules } from "../envoys/variants.ts";
import type { Stream } from "../../../src/wasm/host.ts";
import { open, start } from "./requests.ts";

/** Size of a VM's memory in bytes after so many requests. */
export interface Growth {
  after1: number;
  after1000: number;
  /** After all of them. */
  afterAll: number;
  requests: number;
}

/** Streams that are open at any time. */
const LIVE = 100;

/**
 * Serves requests, of which every seventh is reset before its request headers, every fifth before its response and the others
 * complete; pinned ones and ones that are left alone, LIVE at a time.
 */
export function growth(module: WebAssembly.Module, requests: number): Growth {
  const { host, root } = start(module, strictConfiguration);
  const other = host.root(JSON.stringify(otherConfiguration)).id;
  const live: Stream[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < requests; i++) {
    const stream = open(host, i % 3 === 0 ? other : root);
    if (i % 7 !== 0) stream.request();
    live.push(stream);
    if (live.length >= LIVE) {
      live.shift();
    }
    host.calls.length = 0;
    if (i === 0 || i === 999) sizes.push(host.memoryBytes);
  }
  return { after1: sizes[0]!, after1000: sizes[1]!, afterAll: host.memoryBytes, requests };
}

/** Bytes that a VM with so many rules has above one with a single rule. */
export function memoryOfRules(module: WebAssembly.Module, count: number): number {
  const sizeWith = (rules: number) => start(module, withRules(rules)).host.memoryBytes;
  return sizeWith(count) - sizeWith(1);
}
