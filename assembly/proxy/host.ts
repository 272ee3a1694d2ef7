import { Literal, lit, sizeOf, textOf } from "../core/literal";
import { Text } from "../core/text";
import * as abi from "./abi";

/**
 * The host's functions in this module's terms. A value that the host returns is left in `valuePtr` and `valueSize` until
 * the next callback; absent (false) is not the same as empty (true, size 0).
 */
export let valuePtr: usize = 0;
export let valueSize: i32 = 0;

/** Two words that the host writes its answers to. */
const out: usize = memory.data(16, 8);

/** A node or stream attribute; `path` is its NUL-separated path (Envoy's attributes). */
export function getProperty(path: Literal): bool {
  return took(abi.proxy_get_property(textOf(path), sizeOf(path), out, out + 4));
}

/** Sets the filter state `wasm.<name>` of the stream. */
export function setProperty(name: Literal, value: usize, size: i32): void {
  abi.proxy_set_property(textOf(name), sizeOf(name), value, size);
}

/** The first value of a request header. */
export function getRequestHeader(name: usize, size: i32): bool {
  return took(abi.proxy_get_header_map_value(abi.REQUEST_HEADERS, name, size, out, out + 4));
}

/** Removes all values of a request header; this clears the route cache (ABI 0.2.1). */
export function removeRequestHeader(name: usize, size: i32): void {
  abi.proxy_remove_header_map_value(abi.REQUEST_HEADERS, name, size);
}

const CLEAR_ROUTE_CACHE: Literal = lit("clear_route_cache");

/** Lets the route be chosen anew, by what the request's filter state is now (source/extensions/common/wasm/foreign.cc). */
export function clearRouteCache(): void {
  abi.proxy_call_foreign_function(textOf(CLEAR_ROUTE_CACHE), sizeOf(CLEAR_ROUTE_CACHE), 0, 0, 0, 0);
}

/** The plugin configuration of the root context that is being configured. */
export function getConfiguration(size: u32): bool {
  if (size == 0) {
    valueSize = 0;
    return true;
  }
  return took(abi.proxy_get_buffer_bytes(abi.PLUGIN_CONFIGURATION, 0, size, out, out + 4));
}

/** The id of the counter of this name, made if there is none; the same id each time. */
export function defineCounter(name: Text): u32 {
  store<u32>(out, 0);
  abi.proxy_define_metric(abi.COUNTER, name.ptr, name.size, out);
  return load<u32>(out);
}

export function increment(counter: u32): void {
  abi.proxy_increment_metric(counter, 1);
}

/** Whether a context of this id exists; the host's next answers are about it. */
export function enterContext(id: u32): bool {
  return abi.proxy_set_effective_context(id) == abi.STATUS_OK;
}

/** Whether a message of this level would be written; ask before building it. */
export function logs(level: u32): bool {
  return abi.proxy_get_log_level(out) != abi.STATUS_OK || load<u32>(out) <= level;
}

/** The one text that the proxy layer puts together its messages and values in. */
export const words: Text = new Text();

/** Begins a message for `log`. */
export function message(): Text {
  return words.clear().add(lit("cluster_local: "));
}

export function log(level: u32, message: Text): void {
  abi.proxy_log(level, message.ptr, message.size);
}

function took(status: u32): bool {
  if (status != abi.STATUS_OK) return false;
  valuePtr = load<usize>(out);
  valueSize = load<i32>(out + 4);
  return true;
}
