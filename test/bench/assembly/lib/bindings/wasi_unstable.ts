/** What @solo-io/proxy-runtime imports of AssemblyScript 0.14's bindings: it is called when the filter aborts. */
export function proc_exit(_code: u32): void {
  unreachable();
}
