import { readInput } from "../files/read.ts";
import type { Parsed } from "../input/problem.ts";
import { parsePolicy, type Policy } from "../policy/policy.ts";

/** Reads the policy that an option names: a file, or `-` for what is piped in. Throws FileError. */
export function readPolicy(path: string): Parsed<Policy> {
  const { file, text } = readInput(path);
  return parsePolicy(text, file);
}
