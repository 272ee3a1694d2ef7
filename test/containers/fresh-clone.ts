import { execFile } from "node:child_process";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { removeAtExit } from "../../envoy/at-exit.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface FreshClone {
  folder: string;
  /** examples/bookinfo in it. */
  example: string;
  remove(): void;
}

/**
 * Copies what a clone of this repository has (and what is to be committed) into a folder of its own; with `setUp` also the packages
 * and the build, which `npm run stand-ins`, like all commands, makes first.
 */
export async function freshClone({ setUp }: { setUp: boolean }): Promise<FreshClone> {
  const folder = await mkdtemp(join(tmpdir(), "cluster-local-clone-"));
  const remove = removeAtExit(folder);
  await chmod(folder, 0o755);
  const files = "git ls-files -z --cached --others --exclude-standard | xargs -0 cp -p --parents -t";
  // Nothing writes to these, so they may be the same files where the file system is the same.
  const made = `cp -al node_modules build "$1" 2>/dev/null || cp -a node_modules build "$1"`;
  const script = `set -e -o pipefail; ${files} "$1"; ${setUp ? made : ""}`;
  await promisify(execFile)("bash", ["-c", script, "bash", folder], { cwd: root });
  return { folder, example: join(folder, "examples/bookinfo"), remove };
}
