/**
 * Host calls and nothing else: no parsing, no lookup, no decision. What they cost is the least that any filter costs that
 * asks and tells Envoy the same. The configuration, a JSON string, names them by letter: `g` get the property
 * xds.cluster_name, `p` set the pin, `e` set the evidence (rule and mode), `r` clear the route cache, `c` count.
 */
import {
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_property,
  proxy_increment_metric,
  proxy_set_property,
} from "@solo-io/proxy-runtime/assembly/imports";

// @ts-ignore: decorator
@external("env", "proxy_call_foreign_function")
declare function call(name: usize, size: usize, args: usize, argsSize: usize, at: usize, sizeAt: usize): u32;

const block: usize = memory.data(8192, 8);
const out: usize = memory.data(16, 8);
const CLUSTER_NAME = String.UTF8.encode("xds\0cluster_name");
const PIN = String.UTF8.encode("cluster_local_pin");
const LOCAL = String.UTF8.encode("m1c1");
const RULE = String.UTF8.encode("cluster_local_rule");
const PATTERN = String.UTF8.encode("default/reviews");
const MODE = String.UTF8.encode("cluster_local_mode");
const STRICT = String.UTF8.encode("strict");
const CLEAR = String.UTF8.encode("clear_route_cache");
const RETAINED = String.UTF8.encode("cluster_local.requests.retained");
let gets: bool = false;
let pins: bool = false;
let tells: bool = false;
let clears: bool = false;
let counts: bool = false;
let counter: u32 = 0;

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(_size: usize): usize {
  return block;
}

export function proxy_on_context_create(_id: u32, _parent: u32): void {}

export function proxy_on_configure(_id: u32, size: u32): u32 {
  proxy_get_buffer_bytes(7, 0, size, out, out + 4);
  const letters = String.UTF8.decodeUnsafe(load<usize>(out), size);
  gets = letters.includes("g");
  pins = letters.includes("p");
  tells = letters.includes("e");
  clears = letters.includes("r");
  counts = letters.includes("c");
  proxy_define_metric(0, at(RETAINED), RETAINED.byteLength, out);
  counter = load<u32>(out);
  return 1;
}

export function proxy_on_request_headers(_id: u32, _count: u32, _end: u32): u32 {
  if (gets) proxy_get_property(at(CLUSTER_NAME), CLUSTER_NAME.byteLength, out, out + 4);
  if (pins) set(PIN, LOCAL);
  if (tells) {
    set(RULE, PATTERN);
    set(MODE, STRICT);
  }
  if (clears) call(at(CLEAR), CLEAR.byteLength, 0, 0, out, out + 4);
  if (counts) proxy_increment_metric(counter, 1);
  return 0;
}

function set(name: ArrayBuffer, value: ArrayBuffer): void {
  proxy_set_property(at(name), name.byteLength, at(value), value.byteLength);
}

function at(bytes: ArrayBuffer): usize {
  return changetype<usize>(bytes);
}
