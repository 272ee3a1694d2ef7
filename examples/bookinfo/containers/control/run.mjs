import { spawn } from "node:child_process";

/**
 * Runs a program and resolves with its exit status and all that it printed (with `stdio: "inherit"` that is printed at once, and
 * not kept). Not spawnSync: a container that is told to stop meanwhile could not listen.
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    const add = (text) => (output += text);
    child.stdout?.setEncoding("utf8").on("data", add);
    child.stderr?.setEncoding("utf8").on("data", add);
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}
