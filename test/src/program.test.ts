import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";

/** The program as a shell starts it: what is piped in, pipes that close, and Ctrl-C. */
const main = ["--import", "tsx", join(import.meta.dirname, "../../src/cli/main.ts")];
const files = join(import.meta.dirname, "../golden/tools/files");
const policy = readFileSync(join(files, "policy.yaml"), "utf8");
const mesh = join(files, "mesh.yaml");

const run = (args: readonly string[], input = "") =>
  spawnSync(process.execPath, [...main, ...args], { input, encoding: "utf8" });

test("a policy may be piped in, once", () => {
  const question = ["--cluster", "m1c1", "--caller", "default/productpage-v1", "--host", "reviews"];
  const asked = run(["explain", "--policy", "-", ...question], policy);
  expect([asked.status, asked.stderr]).toEqual([0, ""]);
  expect(asked.stdout).toContain("rules[0].services[0] ((standard input):8:16)");
  const same = run(
    ["diff", "--policy", "-", "--policy", join(files, "policy.yaml"), "--inventory", mesh],
    policy,
  );
  expect([same.status, same.stdout]).toEqual([0, "nothing changes\n"]);
  const twice = run(["diff", "--policy", "-", "--policy", "-", "--inventory", mesh], policy);
  expect([twice.status, twice.stdout]).toEqual([1, ""]);
  expect(twice.stderr).toContain("(standard input): it was read already");
  const wrong = run(["explain", "--policy", "-", ...question], "version: 2\n");
  expect([wrong.status, wrong.stdout]).toEqual([1, ""]);
  expect(wrong.stderr).toContain("(standard input):1:10: version: found the number 2, allowed: 1");
});

test("who reads one line and goes sees no stack, whichever of the two outputs it read", async () => {
  for (const stream of ["stdout", "stderr"] as const) {
    const args = ["validate", ...Array.from({ length: 50 }, () => join(files, "bad.yaml"))];
    const child = spawn(process.execPath, [...main, ...args]);
    let other = "";
    child[stream].destroy();
    child[stream === "stdout" ? "stderr" : "stdout"].on("data", (text: Buffer) => (other += text.toString()));
    await once(child, "close");
    expect(other).not.toMatch(/EPIPE|at \S+ \(/);
  }
});

test("Ctrl-C ends status at once, also while a proxy does not answer", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const child = spawn(process.execPath, [...main, "status", "--admin", `127.0.0.1:${port}`]);
  const connected = once(silent, "connection");
  let told = "";
  child.stderr.on("data", (text: Buffer) => (told += text.toString()));
  await connected;
  await expect.poll(() => told, { timeout: 5000 }).toBe("waiting for the proxies' answers ...\n");
  const start = performance.now();
  child.kill("SIGINT");
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(0);
  // The proxy is given 5 s to answer.
  expect(performance.now() - start).toBeLessThan(4000);
  silent.close();
});
