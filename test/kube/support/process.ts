import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { guard, unguard } from "../../../envoy/guard.ts";

/** A process of a test, with what it printed. */
export class Running {
  readonly child: ChildProcess;
  private readonly printed: string[] = [];
  private readonly ended: Promise<void>;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
    cwd?: string,
  ) {
    // In a group of its own, which does not outlive this process, however that ends.
    this.child = spawn(command, args, {
      ...{ env, ...(cwd && { cwd }), stdio: ["ignore", "pipe", "pipe"] },
      detached: true,
    });
    const { pid } = this.child;
    if (pid !== undefined) guard(pid);
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on("data", (data: Buffer) => {
        this.printed.push(data.toString());
        if (this.printed.length > 2000) this.printed.splice(0, 1000);
      });
    this.ended = new Promise((resolve) => {
      this.child.once("exit", () => {
        if (pid !== undefined) unguard(pid);
        resolve();
      });
      this.child.once("error", (error) => {
        this.printed.push(error.message);
        resolve();
      });
    });
  }

  get output(): string {
    return this.printed.join("");
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (!this.isRunning) return;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await this.ended;
    clearTimeout(late);
  }
}

/** Waits for something to hold; the last reason why it did not is the error's. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  { withinMs = 60_000, everyMs = 50 } = {},
): Promise<NonNullable<T>> {
  const until = performance.now() + withinMs;
  for (let last: unknown; ;) {
    try {
      const found = await look();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() > until) throw new Error(`${what}: not within ${withinMs} ms (${String(last)})`);
    await sleep(everyMs);
  }
}
