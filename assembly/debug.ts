/**
 * The debug build: the filter, with assertions and names in it, and a fault to order, for the test that a trapped VM is
 * replaced. The release build has nothing of this.
 */
import { Literal, lit, sizeOf, textOf } from "./core/literal";
import { proxy_on_request_headers as onRequestHeaders } from "./index";
import { getRequestHeader } from "./proxy/host";

export {
  proxy_abi_version_0_2_1,
  proxy_on_configure,
  proxy_on_context_create,
  proxy_on_memory_allocate,
} from "./index";

const FAULT: Literal = lit("x-fault");

export function proxy_on_request_headers(id: u32, count: u32, end: u32): u32 {
  assert(!getRequestHeader(textOf(FAULT), sizeOf(FAULT)), "a fault was ordered");
  return onRequestHeaders(id, count, end);
}
