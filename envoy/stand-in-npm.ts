import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { findOnPath } from "./resolve.ts";
import type { StandIn } from "./stand-in.ts";

/**
 * What the stand-in for an official Node image has beside `node`, `bash` and `env`: this machine's npm where it is in one
 * folder, as npm's own packages are (Debian's is not, and is left out), a shell and an `env` where scripts look for them, and the
 * certificates that Node trusts here beside its own, without which a registry behind a proxy could not be asked.
 */
export function npmForStandIn(
  env: NodeJS.ProcessEnv = process.env,
): Required<Pick<StandIn, "files" | "links" | "env">> {
  const standIn = {
    files: {} as Record<string, string>,
    links: { "bin/sh": "/usr/local/bin/bash", "usr/bin/env": "/usr/local/bin/env" } as Record<string, string>,
    env: {} as Record<string, string>,
  };
  const npm = npmFolder(env);
  if (npm !== undefined) {
    standIn.files["usr/local/lib/node_modules/npm"] = npm;
    standIn.links["usr/local/bin/npm"] = "../lib/node_modules/npm/bin/npm-cli.js";
  }
  const certificates = env.NODE_EXTRA_CA_CERTS;
  if (certificates && existsSync(certificates)) {
    standIn.files["etc/ssl/node-extra-ca-certs.pem"] = certificates;
    standIn.env.NODE_EXTRA_CA_CERTS = "/etc/ssl/node-extra-ca-certs.pem";
  }
  return standIn;
}

/** The folder of the package npm; undefined when there is none, or its dependencies are elsewhere. */
function npmFolder(env: NodeJS.ProcessEnv): string | undefined {
  const path = findOnPath("npm", env.PATH ?? "");
  if (path === undefined) return undefined;
  const folder = dirname(dirname(realpathSync(path)));
  const whole = ["bin/npm-cli.js", "node_modules"].every((name) => existsSync(join(folder, name)));
  return whole ? folder : undefined;
}
