import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of /proc/<pid>/stat per second (USER_HZ, 100 on every Linux that Node runs on). */
const TICKS = 100;

/**
 * The CPU time that a process has used, all threads, in microseconds. The scheduler counts nanoseconds; kernels without its
 * statistics only leave the ticks of 10 ms. Throws when the process is gone.
 */
export function cpuTime(pid: number): number {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
    return nanoseconds / 1000;
  } catch {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses, with any character in it; utime and stime are the 14th and 15th.
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13)
      .map(Number);
    return ((utime! + stime!) / TICKS) * 1e6;
  }
}
