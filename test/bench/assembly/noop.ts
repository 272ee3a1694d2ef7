/**
 * The least that a Wasm filter can be: the callbacks that cluster-local exports, and nothing done in them. What it costs
 * is the price of Wasm itself.
 */
const block: usize = memory.data(8192, 8);

export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(_size: usize): usize {
  return block;
}

export function proxy_on_context_create(_id: u32, _parent: u32): void {}

export function proxy_on_configure(_id: u32, _size: u32): u32 {
  return 1;
}

export function proxy_on_request_headers(_id: u32, _count: u32, _end: u32): u32 {
  return 0;
}
