/**
 * The proxy-wasm ABI 0.2.1 as this filter uses it: the SDK's typed import declarations, the one function that it lacks,
 * and the constants (proxy-wasm/spec, abi-versions/v0.2.1).
 */
export {
  proxy_call_foreign_function,
  proxy_define_metric,
  proxy_get_buffer_bytes,
  proxy_get_header_map_value,
  proxy_get_property,
  proxy_increment_metric,
  proxy_log,
  proxy_remove_header_map_value,
  proxy_set_effective_context,
  proxy_set_property,
} from "@solo-io/proxy-runtime/assembly/imports";

// @ts-ignore: decorator
@external("env", "proxy_get_log_level")
export declare function proxy_get_log_level(level_ptr: usize): u32;

/** proxy_status_t */
export const STATUS_OK: u32 = 0;

/** proxy_log_level_t */
export const LOG_INFO: u32 = 2;
export const LOG_ERROR: u32 = 4;
export const LOG_CRITICAL: u32 = 5;

/** proxy_map_type_t */
export const REQUEST_HEADERS: i32 = 0;

/** proxy_buffer_type_t */
export const PLUGIN_CONFIGURATION: i32 = 7;

/** proxy_metric_type_t */
export const COUNTER: i32 = 0;

/** proxy_action_t */
export const CONTINUE: u32 = 0;
