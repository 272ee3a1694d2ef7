import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { errorLine } from "./version.ts";

export interface DockerOptions {
  /** Its standard input. */
  input?: Readable;
  /** How long it may take; default 60 000 ms. */
  timeoutMs?: number;
}

/**
 * Runs the Docker client (`DOCKER_HOST` and the like say which engine it asks) and returns what it printed, without the last
 * line break. Throws an error with the line of its output that says most: `docker pull: …`.
 */
export function docker(
  args: readonly string[],
  { input, timeoutMs = 60_000 }: DockerOptions = {},
): Promise<string> {
  const name = `docker ${args[0] ?? ""}`;
  return new Promise((resolve, reject) => {
    const client = spawn("docker", args, {
      stdio: [input ? "pipe" : "ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    let [out, err] = ["", ""];
    client.stdout!.setEncoding("utf8").on("data", (text: string) => (out += text));
    client.stderr!.setEncoding("utf8").on("data", (text: string) => (err += text));
    client.once("error", (error) => reject(new Error(`${name}: ${error.message}`)));
    client.once("close", (code, signal) => {
      if (code === 0) {
        resolve(out.trimEnd());
        return;
      }
      const why = signal
        ? `no end within ${timeoutMs / 1000} s`
        : (errorLine(err.split("\n")) ?? `exit code ${code}`);
      reject(new Error(`${name}: ${why}`));
    });
    if (input && client.stdin) {
      client.stdin.on("error", () => {}); // it ended early, and says itself why
      input.pipe(client.stdin);
    }
  });
}

/** Why no container can be started here, in one line; undefined when one can. */
export async function whyNoDocker(): Promise<string | undefined> {
  try {
    await docker(["version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
