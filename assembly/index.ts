/** The filter as Envoy sees it: the exported callbacks of proxy-wasm ABI 0.2.1, and nothing more. */
import "./proxy/abort";
import { CONTINUE } from "./proxy/abi";
import { reset } from "./proxy/memory";
import { onRequest } from "./proxy/request";
import { configure, forgetClosed, policyOf } from "./proxy/root";

export { proxy_on_memory_allocate } from "./proxy/memory";

/** Its presence names the ABI version. */
export function proxy_abi_version_0_2_1(): void {}

/**
 * The root context of the stream announced last. Envoy announces a stream right before its request headers
 * (source/extensions/common/wasm/context.cc, Context::decodeHeaders), so there is nothing more to remember.
 */
let parent: u32 = 0;

export function proxy_on_context_create(_id: u32, parentId: u32): void {
  parent = parentId;
}

export function proxy_on_configure(id: u32, size: u32): u32 {
  reset();
  forgetClosed(id);
  // Nothing on the stack refers to the heap: the one moment when a collection is safe, and has work to do.
  __collect();
  return configure(id, size) ? 1 : 0;
}

export function proxy_on_request_headers(id: u32, _count: u32, _end: u32): u32 {
  reset();
  const policy = policyOf(parent);
  if (policy) onRequest(policy, id);
  return CONTINUE;
}
