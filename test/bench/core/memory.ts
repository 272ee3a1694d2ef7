import { otherConfiguration, strictConfiguration, withRules } from "../envoys/variants.ts";
import { open, start } from "./vm.ts";

/** Size of a VM's memory in bytes after so many requests. */
export interface Growth {
  after1: number;
  after1000: number;
  /** After all of them. */
  afterAll: number;
  requests: number;
}

/** Serves requests, pinned ones and ones that are left alone; every seventh stream is reset before its headers came. */
export function growth(module: WebAssembly.Module, requests: number): Growth {
  const { host, root } = start(module, strictConfiguration);
  const other = host.root(JSON.stringify(otherConfiguration)).id;
  const sizes: number[] = [];
  for (let i = 0; i < requests; i++) {
    const stream = open(host, i % 3 === 0 ? other : root);
    if (i % 7 !== 0) stream.request();
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
