/** The folder with the Envoys' configuration: a tmpfs that they mount read-only, and only `control` writes to. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./paths.mjs";
import { run } from "./run.mjs";
import { findTools } from "./tools.mjs";

const folder = "/etc/cluster-local";
const example = join(repository, "examples/bookinfo");
/** Written last: "on" or "off". The health check of `control` looks for it. */
const retention = join(folder, "retention");

export const isConfigured = () => existsSync(retention);

/**
 * Generates the configuration from the example's policy, with its switch on or off. Each file is replaced by rename, which is what
 * makes an Envoy read it again. Throws an error that says what to do, and then nothing was changed.
 */
export async function setRetention(on) {
  const tools = await findTools();
  const work = "/tmp/policy";
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, "policy.yaml"), switched(readFileSync(join(example, "policy.yaml"), "utf8"), on));
  const { status } = await run(
    process.execPath,
    // prettier-ignore
    [join(tools, "build/js/cli/main.js"), "generate", "envoy", "--policy", "policy.yaml",
     "--inventory", join(example, "containers/mesh.yaml"), "--out", folder, "--base-path", folder],
    // In its folder, so that problems are said to be in `policy.yaml`, as it is called outside, too.
    { cwd: work, stdio: "inherit" },
  );
  if (status !== 0) throw new Error("policy.yaml was not taken up (see above).");
  const state = on ? "on" : "off";
  writeFileSync(retention, `${state}\n`);
  console.log(`Retention is ${state}.`);
}

function switched(policy, on) {
  const line = /^enabled:.*$/m;
  return line.test(policy) ? policy.replace(line, `enabled: ${on}`) : `${policy}\nenabled: ${on}\n`;
}
