import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What the load generator is asked to do: so many requests, over so many connections, one at a time on each. */
export interface Batch {
  /** Port of the Envoy on 127.0.0.1. */
  port: number;
  requests: number;
  connections: number;
}

/** What came of a batch. */
export interface BatchResult {
  /** How many responses came from each of the backend's ports, by cluster id; anything else than a 200 is an error. */
  servedBy: Record<string, number>;
  /** Microseconds from the first byte sent to the last byte received, at the 50th and 99th percentile. */
  p50: number;
  p99: number;
  /** Milliseconds that the whole batch took. */
  ms: number;
}

/** A process of the benchmark's own, so that what it costs is not counted; it ends when this process does. */
export interface Helper {
  /** Sends it a message and waits for its answer. Throws what it reports as an error, or when it ends. */
  ask<Answer>(message: object): Promise<Answer>;
  stop(): void;
}

/** Starts `client.ts` or `backend.ts`, which then answer one message after the other. */
export async function startHelper(name: "backend" | "client"): Promise<Helper> {
  const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = fork(path, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`the benchmark's ${name} ended`)));
  ended.catch(() => {}); // told by whoever waits for an answer
  const answer = async () => (await Promise.race([once(child, "message"), ended]))[0] as unknown;
  await answer();
  return {
    async ask<Answer>(message: object) {
      child.send(message);
      const { error, value } = (await answer()) as { error?: string; value?: Answer };
      if (error !== undefined) throw new Error(`the benchmark's ${name}: ${error}`);
      return value!;
    },
    stop: () => void child.kill(),
  };
}

/** The other end of `startHelper`: answers each message with what `work` makes of it. */
export function serve(work: (question: unknown) => Promise<object>): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (question) => {
    work(question).then(
      (value) => process.send!({ value }),
      (error: unknown) => process.send!({ error: (error as Error).message }),
    );
  });
  process.send!("ready");
}
