/**
 * Host calls and nothing else: no parsing, no lookup, no decision. What they cost is the least that any filter costs that
 * asks and tells Envoy the same. The configuration, a JSON string, names them by letter:
 * `g` get the property xds.cluster_name, `p` set the pin, `r` clear the route cache, `s` set the state (rule and mode),
 * `c` increment a counter.
 */
import {
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_property,
  proxy_increment_metric,
  proxy_set_property,
} from "@solo-io/proxy-runtime/assembly/imports";

// @ts-expect-error: a decorator of AssemblyScript's
@external("env", "proxy_call_foreign_function")
declare function foreign(
  name: usize,
  nameSize: usize,
  argument: usize,
  size: usize,
  result: usize,
  resultSize: usize,
): u32;

const block: usize = memory.data(8192, 8);
const out: usize = memory.data(16, 8);
const CLUSTER_NAME = String.UTF8.encode("xds\0cluster_name");
const PIN = String.UTF8.encode("cluster_local_pin");
const LOCAL = String.UTF8.encode("m1c1");
const CLEAR = String.UTF8.encode("clear_route_cache");
const DECLARE = String.UTF8.encode("declare_property");
/** DeclarePropertyArguments: name, type Protobuf, schema. */
const DECLARATION = String.UTF8.encode(
  "\n\x0dcluster_local\x18\x03\x22\x2ctype.googleapis.com/google.protobuf.Struct",
);
const STATE = String.UTF8.encode("cluster_local");
/** A Struct of the fields mode and rule. */
const VALUE = String.UTF8.encode("\n\x10\n\x04mode\x12\x08\x1a\x06strict\n\x19\n\x04rule\x12\x11\x1a\x0fdefault/reviews");
const RETAINED = String.UTF8.encode("cluster_local.requests.retained");
let calls: u32 = 0;
let counter: u32 = 0;

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(_size: usize): usize {
  return block;
}

export function proxy_on_context_create(_id: u32, _parent: u32): void {}

export function proxy_on_configure(_id: u32, size: u32): u32 {
  proxy_get_buffer_bytes(7, 0, size, out, out + 4);
  const text = load<usize>(out);
  // Letters from a to z take a bit each; the quotes fall off.
  for (let i: usize = 1; i + 1 < size; i++) calls |= 1 << (load<u8>(text + i) - 97);
  foreign(at(DECLARE), DECLARE.byteLength, at(DECLARATION), DECLARATION.byteLength, out, out + 4);
  proxy_define_metric(0, at(RETAINED), RETAINED.byteLength, out);
  counter = load<u32>(out);
  return 1;
}

export function proxy_on_request_headers(_id: u32, _count: u32, _end: u32): u32 {
  if (asked(103)) proxy_get_property(at(CLUSTER_NAME), CLUSTER_NAME.byteLength, out, out + 4);
  if (asked(112)) proxy_set_property(at(PIN), PIN.byteLength, at(LOCAL), LOCAL.byteLength);
  if (asked(115)) proxy_set_property(at(STATE), STATE.byteLength, at(VALUE), VALUE.byteLength);
  if (asked(114)) foreign(at(CLEAR), CLEAR.byteLength, 0, 0, out, out + 4);
  if (asked(99)) proxy_increment_metric(counter, 1);
  return 0;
}

function asked(letter: u32): bool {
  return (calls & (1 << (letter - 97))) != 0;
}

function at(bytes: ArrayBuffer): usize {
  return changetype<usize>(bytes);
}
