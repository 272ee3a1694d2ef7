import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../envoy/ports.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";

/** The page with an Envoy by hand: its files are saved, its commands run and what they print compared, on free ports. */
const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "examples/standalone-envoy/README.md"), "utf8");
const FILES = ["backend.mjs", "envoy.yaml", "cluster_local.yaml"];

test("the page's files and commands do what it says", { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "cluster-local-by-hand-"));
  try {
    const text = await withFreePorts(page);
    await mkdir(join(dir, "build/by-hand"), { recursive: true });
    symlinkSync(join(root, "build/cluster-local.wasm"), join(dir, "build/cluster-local.wasm"));
    const blocks = [...text.matchAll(/```(?:js|yaml)\n([^`]*(?:`[^`\n]*`[^`]*)*?)```/g)].map(
      ([, block]) => block!,
    );
    FILES.forEach((name, index) => writeFileSync(join(dir, "build/by-hand", name), blocks[index]!));
    const steps = [...text.matchAll(/```console\n([^`]*)```/g)].map(([, block]) => block!);
    const start = /Start all three:\n\n((?: {4}.*\n)+)/.exec(text)![1]!;
    const commands = steps.flatMap((step) => step.split("\n").filter((line) => line.startsWith("$ ")));
    const script = ["set -m", start, "sleep 3", ...commands.map((line) => line.slice(2)), "kill %2 %3"];
    expect(await bash(script.join("\n"), dir)).toBe(
      steps
        .flatMap((step) => step.split("\n").filter((line) => line !== "" && !line.startsWith("$ ")))
        .join("\n"),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

async function withFreePorts(text: string): Promise<string> {
  let result = text;
  for (const port of ["15000", "15001", "17001", "17002"]) {
    result = result.replaceAll(port, String(await freePort()));
  }
  return result;
}

/** What a script prints, carriage returns aside. */
async function bash(script: string, cwd: string): Promise<string> {
  const { path } = await resolveEnvoy();
  const env = { ...process.env, PATH: `${dirname(path)}:${process.env.PATH}` };
  const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "pipe", "ignore"] });
  let out = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return out.replaceAll("\r", "").trimEnd();
}
