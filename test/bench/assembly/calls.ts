/**
 * The host calls of cluster-local and nothing else: no parsing, no lookup, no decision. What it costs is the least that any
 * filter costs that asks and tells Envoy the same. A configuration of more than two bytes (`{}`) makes it pin.
 */
import {
  proxy_define_metric,
  proxy_get_header_map_value,
  proxy_get_property,
  proxy_increment_metric,
  proxy_replace_header_map_value,
  proxy_set_property,
} from "@solo-io/proxy-runtime/assembly/imports";

const block: usize = memory.data(8192, 8);
const out: usize = memory.data(16, 8);
const CLUSTER_NAME = String.UTF8.encode("xds\0cluster_name");
const SERVED_BY = String.UTF8.encode("xds\0upstream_host_metadata\0filter_metadata\0envoy.lb\0cluster");
const PIN = String.UTF8.encode("x-cluster-local");
const ORDER = String.UTF8.encode("x-cluster-local-order");
const LOCAL = String.UTF8.encode("m1c1");
const RETAINED = String.UTF8.encode("cluster_local.requests.retained");
const STATE = String.UTF8.encode("cluster_local");
const VALUE = String.UTF8.encode("mode=strict;rule=default/reviews;where=local");
let pins: bool = false;
let counter: u32 = 0;

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(_size: usize): usize {
  return block;
}

export function proxy_on_context_create(_id: u32, _parent: u32): void {}

export function proxy_on_configure(_id: u32, size: u32): u32 {
  pins = size > 2;
  if (pins) proxy_define_metric(0, changetype<usize>(RETAINED), RETAINED.byteLength, out);
  counter = load<u32>(out);
  return 1;
}

export function proxy_on_request_headers(_id: u32, _count: u32, _end: u32): u32 {
  property(CLUSTER_NAME);
  if (pins) {
    const value = changetype<usize>(LOCAL);
    proxy_replace_header_map_value(0, changetype<usize>(PIN), PIN.byteLength, value, LOCAL.byteLength);
    proxy_increment_metric(counter, 1);
  } else header(PIN);
  header(ORDER);
  return 0;
}

export function proxy_on_response_headers(_id: u32, _count: u32, _end: u32): u32 {
  if (!pins) return 0;
  property(SERVED_BY);
  proxy_increment_metric(counter, 1);
  proxy_set_property(changetype<usize>(STATE), STATE.byteLength, changetype<usize>(VALUE), VALUE.byteLength);
  return 0;
}

export function proxy_on_delete(_id: u32): void {}

function property(path: ArrayBuffer): void {
  proxy_get_property(changetype<usize>(path), path.byteLength, out, out + 4);
}

function header(name: ArrayBuffer): void {
  proxy_get_header_map_value(0, changetype<usize>(name), name.byteLength, out, out + 4);
}
