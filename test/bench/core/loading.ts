import { Host } from "../../../src/wasm/host.ts";
import { median } from "../statistics.ts";
import { withRules } from "../envoys/variants.ts";

/** Milliseconds that a VM in Node takes to read and compile a configuration of so many rules; the median of new VMs. */
export function loadingTime(module: WebAssembly.Module, rules: number, times: number): number {
  const text = JSON.stringify(withRules(rules));
  return median(
    Array.from({ length: times }, () => {
      const host = Host.start(module);
      const start = performance.now();
      if (!host.root(text).accepted) throw new Error(host.log.join("\n"));
      return performance.now() - start;
    }),
  );
}
