import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { atExit } from "./at-exit.ts";
import { guard, unguard } from "./guard.ts";

/** How many lines of a child's output are kept; older ones go first. */
const keptLines = 20_000;

/** A child process that never outlives this one. */
export interface Child {
  /** What messages call it. */
  readonly name: string;
  readonly pid: number;
  /** The lines of its standard output and error, as they came, the newest 20 000. */
  readonly log: readonly string[];
  /** Whether it has not ended yet. */
  readonly running: boolean;
  /** Resolves when it has ended, with how: `exit code 1`, `SIGKILL`. */
  readonly exited: Promise<string>;
  /** Sends a signal to it and to all that it started. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it: SIGTERM, and SIGKILL after `graceMs` (default 3000). Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

export interface StartOptions {
  name: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Told each line of output as it comes. */
  onLine?: (line: string) => void;
}

/**
 * Starts a command in a process group of its own. All such groups are ended when this process ends: normally,
 * by an uncaught error, by a signal, and (through guard.ts) even by SIGKILL.
 * Throws when the command cannot be started.
 */
export async function startChild(
  command: string,
  args: readonly string[],
  options: StartOptions,
): Promise<Child> {
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.env && { env: options.env }),
    ...(options.cwd && { cwd: options.cwd }),
  });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    collectLines(stream, (line) => {
      if (log.push(line) > keptLines) log.shift();
      options.onLine?.(line);
    });
  }
  const pid = child.pid;
  if (pid === undefined) {
    const [error] = (await once(child, "error")) as [Error];
    throw new Error(`cannot start ${options.name}: ${error.message}`);
  }
  const killAll = () => signalGroup(pid, "SIGKILL");
  guard(pid);
  const forget = atExit(killAll);

  let running = true;
  const exited = new Promise<string>((resolve) => {
    // `exit` says that the process is gone, `close` also that its last output has been read.
    child.once("exit", () => {
      running = false;
      killAll(); // what it started goes with it
      unguard(pid);
      forget();
    });
    child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return {
    name: options.name,
    pid,
    log,
    get running() {
      return running;
    },
    exited,
    signal(signal) {
      if (running) signalGroup(pid, signal);
    },
    async stop(graceMs = 3000) {
      if (!running) return;
      signalGroup(pid, "SIGTERM");
      const timer = setTimeout(killAll, graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function collectLines(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", take);
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // Gone already: ESRCH, or on macOS EPERM for a group of which only zombies are left.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
