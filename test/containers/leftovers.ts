import { spawn } from "node:child_process";
import { docker } from "../../envoy/docker.ts";

/** Which things of the engine a label selects: `org.testcontainers.session-id=…`, `com.docker.compose.project=…`. */
export type Label = `${string}=${string}`;

/** The containers, networks and volumes that have a label, as `docker … ls` names them. */
export async function leftovers(label: Label): Promise<string[]> {
  const filter = ["--quiet", "--filter", `label=${label}`];
  const lists = await Promise.all([
    docker(["ps", "--all", ...filter]),
    docker(["network", "ls", ...filter]),
    docker(["volume", "ls", ...filter]),
  ]);
  return lists.flatMap((list) => list.split("\n").filter((line) => line !== ""));
}

const removeThem = `
  docker ps --all --quiet --filter "label=$1" | xargs -r docker rm --force --volumes
  docker network ls --quiet --filter "label=$1" | xargs -r docker network rm
  docker volume ls --quiet --filter "label=$1" | xargs -r docker volume rm --force
`;

/** Removes all of them. Throws when one is left. */
export async function removeLeftovers(label: Label): Promise<void> {
  await new Promise((resolve, reject) => {
    const shell = spawn("/bin/sh", ["-c", removeThem, "sh", label], { stdio: "ignore" });
    shell.once("error", reject);
    shell.once("close", resolve);
  });
  const left = await leftovers(label);
  if (left.length > 0) throw new Error(`cannot be removed: ${left.join(", ")} (${label})`);
}

/**
 * Has all of them and a folder removed once this process is gone, however it ended. Testcontainers has a container for
 * that, whose image not every machine can pull.
 */
export function removeWhenGone(label: Label, folder: string): void {
  // Its standard input ends when this process does. Again a moment later: the engine may still be making one.
  const script = `cat >/dev/null; rm -rf "$2"; for _ in 1 2 3; do ${removeThem} sleep 1; done`;
  const shell = spawn("/bin/sh", ["-c", script, "sh", label, folder], {
    detached: true, // or a Ctrl-C would end it as well
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  (shell.stdin as typeof shell.stdin & { unref(): void }).unref();
}
