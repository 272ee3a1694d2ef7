/** What @solo-io/proxy-runtime imports of AssemblyScript 0.14's runtime, in terms of today's: a reference is a pin. */
export function __retain(ptr: usize): usize {
  return __pin(ptr);
}

export function __release(ptr: usize): void {
  __unpin(ptr);
}
