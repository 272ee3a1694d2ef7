import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../../../envoy/children.ts";
import { median } from "../statistics.ts";
import { bootstrap } from "./bootstrap.ts";
import { wasm } from "./filters.ts";
import { LOCAL, REMOTE } from "./names.ts";
import { withRules } from "./variants.ts";

/** Epoch seconds, then the message. */
const FORMAT = "%E.%F %v";
const CONFIGURED = /^(\d+\.\d+) .*cluster_local: enabled/;

/**
 * Milliseconds that an Envoy takes to make a VM and configure it with so many rules; the median of several Envoys. It configures
 * a first VM, then one for the thread that serves; the filter says so each time, and this is the time between.
 */
export async function loadingTimeInEnvoy(
  envoyPath: string,
  module: string,
  rules: number,
  dir: string,
  times: number,
): Promise<number> {
  const config = join(dir, `loading-${rules}.json`);
  const variant = { title: "", filters: [wasm(module, withRules(rules))], pinned: false };
  // Nothing listens and nothing is sent: the ports only have to be valid.
  writeFileSync(config, bootstrap(variant, { listener: 1, admin: 2, backends: { [LOCAL]: 3, [REMOTE]: 4 } }));
  const gaps: number[] = [];
  for (let i = 0; i < times; i++) gaps.push(await gapInLog(envoyPath, config));
  return median(gaps);
}

async function gapInLog(envoyPath: string, config: string): Promise<number> {
  // The filter's own level follows --log-level, not --component-log-level alone.
  const args = `--mode validate --config-path ${config} --log-level info --disable-hot-restart`.split(" ");
  const child = await startChild(envoyPath, [...args, "--log-format", FORMAT], {
    name: "envoy --mode validate",
  });
  const ending = await child.exited;
  const at = child.log.flatMap((line) => CONFIGURED.exec(line)?.[1] ?? []).map(Number);
  if (ending !== "exit code 0" || at.length < 2)
    throw new Error([`envoy --mode validate ended with ${ending}:`, ...child.log.slice(-10)].join("\n"));
  return (at[1]! - at[0]!) * 1000;
}
