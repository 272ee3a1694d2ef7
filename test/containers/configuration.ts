import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../src/cli/run.ts";

const example = (name: string) =>
  readFile(new URL(`../../examples/bookinfo/${name}`, import.meta.url), "utf8");

/** What the Envoys of the rig are configured by. */
export interface Configuration {
  /** Edits the example's policy; the default has it as it is, with retention on for reviews. */
  policy?: (text: string) => string;
  /** Edits the containers' inventory. */
  mesh?: (text: string) => string;
}

/** The example's policy with its switch on or off. */
export const switched =
  (on: boolean) =>
  (policy: string): string =>
    policy.replace(/^enabled: .*$/m, `enabled: ${on}`);

/**
 * Generates the Envoys' files into `envoy` in a folder, with the command that a user would run and as `control` does.
 * Throws with what the command printed when it fails.
 */
export async function configure(folder: string, { policy, mesh }: Configuration): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [policyFile, meshFile] = [join(folder, "policy.yaml"), join(folder, "mesh.yaml")];
  await writeFile(policyFile, (policy ?? String)(await example("policy.yaml")));
  await writeFile(meshFile, (mesh ?? String)(await example("containers/mesh.yaml")));
  const problems: string[] = [];
  const code = await run(
    // prettier-ignore
    ["generate", "envoy", "--policy", policyFile, "--inventory", meshFile, "--out", join(folder, "envoy"),
     "--base-path", "/etc/cluster-local"],
    { out: () => {}, err: (line) => problems.push(line) },
  );
  if (code !== 0) throw new Error(problems.join("\n"));
}
