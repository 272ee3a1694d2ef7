/**
 * Where the host puts what it hands over. Everything in it is of use only during one callback, so each callback begins
 * by taking all of it back, and a request allocates nothing. What does not fit (a configuration, a huge forged header)
 * goes to blocks of its own, freed by the same reset.
 */
const SIZE: usize = 8 * 1024;
const block: usize = heap.alloc(SIZE);
let used: usize = 0;
/** The first of the extra blocks; each begins with the address of the next. */
let extra: usize = 0;

/** Takes back all that was handed out. */
export function reset(): void {
  used = 0;
  while (extra != 0) {
    const next = load<usize>(extra);
    heap.free(extra);
    extra = next;
  }
}

/** Called by the host for each value that it passes (proxy-wasm ABI 0.2.1, proxy_on_memory_allocate). */
export function proxy_on_memory_allocate(size: usize): usize {
  const rounded = (size + 7) & ~7;
  if (rounded <= SIZE - used) {
    const at = block + used;
    used += rounded;
    return at;
  }
  const made = heap.alloc(size + sizeof<usize>());
  store<usize>(made, extra);
  extra = made;
  return made + sizeof<usize>();
}
