import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

/** One line that names what the figures were measured on. */
export function machine(envoyVersion: string): string {
  const all = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  const parts = [`${all[0]?.model.trim() ?? "unknown CPU"}${hypervisor()}, ${all.length} cores, ${gib} GiB`];
  parts.push(`Linux ${process.arch}`, `Node ${process.versions.node}`, `Envoy ${envoyVersion}`);
  return parts.join(", ");
}

/** How busy the machine was before the benchmark began: runnable processes, averaged over a minute. */
export function loadBefore(): string {
  return loadavg()[0]!.toFixed(1);
}

function hypervisor(): string {
  try {
    return / hypervisor /.test(readFileSync("/proc/cpuinfo", "utf8")) ? " (virtual machine)" : "";
  } catch {
    return "";
  }
}
