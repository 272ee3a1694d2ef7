import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

const pin = JSON.parse(readFileSync(new URL("./version.json", import.meta.url), "utf8")) as {
  pinned: string;
  oldestMinor: string;
  newestMinor: string;
};

/** The release that the project installs when it finds no other; one of the supported ones. */
export const pinnedVersion: string = pin.pinned;

/** The supported range as people read it, e.g. `1.37 to 1.40`. */
export const supportedRange = `${pin.oldestMinor} to ${pin.newestMinor}`;

/** Whether a version such as `1.38.3` is of a supported minor release. */
export function isSupported(version: string): boolean {
  const minor = minorOf(version);
  return minor !== undefined && minor >= minorOf(pin.oldestMinor)! && minor <= minorOf(pin.newestMinor)!;
}

/** One number that orders minor releases: 1.40.x is 1_000_040. */
function minorOf(version: string): number | undefined {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? Number(match[1]) * 1_000_000 + Number(match[2]) : undefined;
}

/**
 * The version in what `envoy --version` prints: `… version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`.
 * A `-dev` build keeps its suffix. `undefined` when there is none.
 */
export function parseVersion(output: string): string | undefined {
  return /version: [^/\s]*\/(\d+\.\d+\.\d+(?:-[\w.]+)?)\//.exec(output)?.[1];
}

/**
 * Runs `path --version` (10 s at most) and returns the version.
 * Throws an error that says what is wrong with `what` (default: the path): `… cannot be run (ENOENT)`.
 */
export async function versionOf(path: string, what = path): Promise<string> {
  let output: string;
  try {
    output = (await promisify(execFile)(path, ["--version"], { timeout: 10_000, encoding: "utf8" })).stdout;
  } catch (error) {
    throw new Error(`${what} cannot be run (${describeFailure(error)})`, { cause: error });
  }
  const version = parseVersion(output);
  if (version === undefined) {
    throw new Error(
      `${what} is not an Envoy: --version printed ${JSON.stringify(output.trim().slice(0, 80))}`,
    );
  }
  return version;
}

/** The line of a failed command's output that says most: its last error, else the last line. */
export function errorLine(lines: readonly string[]): string | undefined {
  const texts = lines.map((line) => line.trim()).filter((line) => line !== "");
  return texts.findLast((line) => line.startsWith("ERROR")) ?? texts.at(-1);
}

/** Why `execFile` failed, in one line: what the command said last, else how it ended. */
export function describeFailure(error: unknown): string {
  type ExecError = { stderr?: string; code?: string | number; signal?: string; killed?: boolean };
  const { stderr = "", code, signal, killed } = error as ExecError;
  const message = errorLine(stderr.split("\n"));
  if (message) return message;
  if (killed) return "no answer in time";
  if (signal) return `ended by ${signal}`;
  return typeof code === "number" ? `exit code ${code}` : (code ?? String(error));
}
