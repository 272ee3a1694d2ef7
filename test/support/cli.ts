import type { Terminal } from "../../src/cli/io.ts";
import { run } from "../../src/cli/run.ts";

/** What a command line came to. */
export interface Outcome {
  code: number;
  out: string[];
  err: string[];
}

/** Runs a command line in this process; without a terminal its output is plain. */
export async function cli(args: readonly string[], terminal?: Terminal): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, { out: (line) => out.push(line), err: (line) => err.push(line), terminal });
  return { code, out, err };
}
