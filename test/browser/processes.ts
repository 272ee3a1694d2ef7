import { readdirSync, readFileSync } from "node:fs";
import { cpuTime } from "../bench/envoys/cpu.ts";

/** A process of the browser: what it is for, as Chromium names it; `browser` for the one that was started. */
export interface BrowserProcess {
  pid: number;
  type: string;
}

/** The processes of the browser with this profile: the one that was started with it, and all that come from it. */
export function browserProcesses(profile: string): BrowserProcess[] {
  const all = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .flatMap(look);
  const family = new Set(all.filter(({ command }) => command.includes(profile)).map(({ pid }) => pid));
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all
    .filter(({ pid }) => family.has(pid))
    .map(({ pid, command }) => ({ pid, type: /--type=([-\w]+)/.exec(command)?.[1] ?? "browser" }));
}

function look(pid: number): { pid: number; parent: number; command: string }[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
    const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
    return [{ pid, parent, command }];
  } catch {
    return []; // gone meanwhile
  }
}

/** What processes use of one core over a time, in percent, by name. */
export async function shareOfCore(
  processes: readonly { pid: number; type: string }[],
  during: () => Promise<void>,
): Promise<Map<string, number>> {
  const times = () => processes.map(({ pid }) => used(pid));
  const [start, before] = [performance.now(), times()];
  await during();
  const [after, elapsed] = [times(), performance.now() - start];
  const shares = new Map<string, number>();
  processes.forEach(({ type }, index) => {
    const percent = (after[index]! - before[index]!) / elapsed / 10;
    shares.set(type, (shares.get(type) ?? 0) + Math.max(0, percent));
  });
  return shares;
}

function used(pid: number): number {
  try {
    return cpuTime(pid);
  } catch {
    return 0; // gone: what it used before is not counted
  }
}
