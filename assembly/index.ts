/** The filter as Envoy sees it: the exported callbacks of proxy-wasm ABI 0.2.1, and nothing more. */
import "./proxy/abort";
import { CONTINUE } from "./proxy/abi";
import { reset } from "./proxy/memory";
import { onRequest } from "./proxy/request";
import { onResponse } from "./proxy/response";
import { closeRoot, findRoot, openRoot, Root } from "./proxy/root";
import { closeStream, findStream, openStream } from "./proxy/streams";

export { proxy_on_memory_allocate } from "./proxy/memory";

/** Its presence names the ABI version. */
export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_context_create(id: u32, parent: u32): void {
  if (parent == 0) {
    openRoot(id);
    return;
  }
  const root = findRoot(parent);
  if (root) openStream(id, changetype<usize>(root));
}

export function proxy_on_configure(id: u32, size: u32): u32 {
  reset();
  const root = findRoot(id);
  const accepted = root ? root.configure(size) : false;
  reset();
  // Nothing on the stack refers to the heap any more: the one moment when a collection is safe, and has work to do.
  __collect();
  return accepted ? 1 : 0;
}

export function proxy_on_request_headers(id: u32, _count: u32, _end: u32): u32 {
  reset();
  const stream = findStream(id);
  if (stream && stream.root != 0) onRequest(stream, changetype<Root>(stream.root));
  return CONTINUE;
}

export function proxy_on_response_headers(id: u32, _count: u32, _end: u32): u32 {
  reset();
  const stream = findStream(id);
  if (stream && stream.root != 0) onResponse(stream, changetype<Root>(stream.root));
  return CONTINUE;
}

export function proxy_on_delete(id: u32): void {
  if (closeStream(id)) return;
  closeRoot(id);
  __collect();
}
