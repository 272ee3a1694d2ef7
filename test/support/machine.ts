import { spawnSync } from "node:child_process";

/**
 * How long an empty Node takes to start on the machine that the bounds of tests are meant for, when it does nothing else; in
 * milliseconds, nearly all of them the processor's.
 */
const EMPTY_NODE_MS = 45;

/**
 * How many times slower than that machine this one is now, at least 1: because its processor is, or because others use it.
 * A bound in time that is multiplied by it says the same everywhere.
 */
export function slowdown(): number {
  return Math.max(1, tookMs("0") / EMPTY_NODE_MS);
}

/** The same for a bound in the processor's time, which waiting for others does not use up. */
export function processorSlowdown(): number {
  const tell = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)";
  const { stdout } = spawnSync(process.execPath, ["-e", tell], { encoding: "utf8" });
  return Math.max(1, Number(stdout) / EMPTY_NODE_MS);
}

/** What `WORK` takes there, in milliseconds: measured beside an empty Node, on a machine that did nothing else. */
const WORK_MS = 400;
/** Makes, writes, reads and keys objects: what a command does with a large inventory. */
const WORK = `for (let round = 0; round < 3; round++) {
  const all = Array.from({ length: 100000 }, (_, i) => ({ name: "service-" + i, ports: [i, i + 1], text: String(i * 7919).padStart(12, "x") }));
  new Map(JSON.parse(JSON.stringify(all)).map((one) => [one.name, one]));
}`;

/**
 * The same for work on much memory. Where others use the memory and its caches, that gets slower by more than the start of
 * an empty Node does.
 */
export function memorySlowdown(): number {
  return Math.max(1, tookMs(WORK) / WORK_MS);
}

function tookMs(script: string): number {
  const start = performance.now();
  spawnSync(process.execPath, ["-e", script]);
  return performance.now() - start;
}
