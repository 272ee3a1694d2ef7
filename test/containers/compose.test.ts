import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { removeAtExit } from "../../envoy/at-exit.ts";
import { docker } from "../../envoy/docker.ts";
import { freePort } from "../../envoy/ports.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { composePath } from "./compose-file.ts";
import { describeContainers } from "./containers.ts";
import { leftovers, removeLeftovers, removeWhenGone, type Label } from "./leftovers.ts";

const example = dirname(composePath);
const run = promisify(execFile);

/** The two clients that the file is for, each with its command and what asks for its version. */
const clients = [
  { name: "docker-compose 1.29", command: ["docker-compose"], version: /^1\.29\./ },
  { name: "docker compose v2", command: ["docker", "compose"], version: /^v?[2-9]\d*\./ },
];

/** Which of them are on this machine; one that is not is skipped by name. */
async function isInstalled({ command, version }: (typeof clients)[number]): Promise<boolean> {
  const [program, ...args] = command;
  const { stdout } = await run(program!, [...args, "version", "--short"]).catch(() => ({ stdout: "" }));
  return version.test(stdout.trim());
}

/** The commands of README.md's section "In containers", in their order, with what it says that they print. */
async function readmeStory(): Promise<{ curl: string; off: string; on: string }> {
  const readme = await readFile(join(example, "README.md"), "utf8");
  const section = /## In containers\n([^]*?)\n## /.exec(readme)![1]!;
  const blocks = [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replace(/^ {4}/gm, ""));
  const curl = blocks.findIndex((block) => block.startsWith("curl "));
  const [off, , on] = blocks.slice(curl + 1);
  return { curl: blocks[curl]!, off: off!, on: on! };
}

const available = await Promise.all(
  clients.map(async (client) => {
    const missing = !(await isInstalled(client));
    return {
      ...client,
      missing,
      name: missing ? `${client.name} (not installed)` : client.name,
    };
  }),
);

describeContainers("docker-compose.yaml", () => {
  describe.each(available)("with $name", ({ command: [program, ...args], missing }) => {
    const project = `cluster-local-test-${process.pid}-${args.length}`;
    const label: Label = `com.docker.compose.project=${project}`;
    let env: NodeJS.ProcessEnv;
    let forget: () => void;

    const compose = (...more: string[]) =>
      run(program!, [...args, "--project-name", project, ...more], { cwd: example, env });
    const shell = async (line: string) => (await run("bash", ["-c", line], { cwd: example, env })).stdout;

    beforeEach(async () => {
      const folder = await mkdtemp(join(tmpdir(), "cluster-local-compose-"));
      await chmod(folder, 0o755);
      forget = removeAtExit(folder);
      removeWhenGone(label, folder);
      env = { ...process.env, ...inject("images"), BOOKINFO_CONFIG: join(folder, "envoy") };
      env.GATEWAY_PORT = String(await freePort());
      env.COMPOSE_API_VERSION = "auto"; // 1.29 would otherwise ask for one that newest engines refuse
    });
    afterEach(async () => {
      await removeLeftovers(label);
      forget();
    });
    afterAll(async () => {
      expect(await leftovers(label)).toEqual([]);
    });

    test.skipIf(missing)(
      "tells the story by the README's curl, runs without root, and ends cleanly",
      { timeout: 180_000 },
      async () => {
        const { curl, off, on } = await readmeStory();
        const ask = curl.replace("localhost:8080", `localhost:${env.GATEWAY_PORT}`);
        await shell("./switch off");
        await compose("up", "-d");
        expect(await shell(ask)).toBe(off);
        await shell("./switch on");
        expect(await waitUntil(async () => (await shell(ask)) === on)).toBe(true);
        await compose("pause", "m1c1-reviews");
        expect(await shell(ask)).toBe("");
        await compose("unpause", "m1c1-reviews");
        expect(await waitUntil(async () => (await shell(ask)) === on)).toBe(true);

        const ids = (await docker(["ps", "--quiet", "--filter", `label=${label}`])).split("\n");
        expect(ids).toHaveLength(12);
        const health = ["inspect", "--format", "{{.State.Health.Status}}", ...ids];
        expect(
          await waitUntil(async () => /^(healthy\s*)+$/.test(await docker(health)), { timeoutMs: 20_000 }),
        ).toBe(true);
        const hardened =
          "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}}";
        expect(new Set((await docker(["inspect", "--format", hardened, ...ids])).split("\n"))).toEqual(
          new Set(["true [ALL] [no-new-privileges:true] false"]),
        );
        for (const id of ids)
          expect(await docker(["top", id, "-o", "uid,pid"])).toMatch(/^UID +PID(\n *[1-9]\d* +\d+)+$/);

        await compose("stop");
        const ends = await docker([
          "inspect",
          "--format",
          "{{.State.ExitCode}} {{.State.OOMKilled}}",
          ...ids,
        ]);
        expect(new Set(ends.split("\n"))).toEqual(new Set(["0 false"]));
        await compose("down");
        expect(await leftovers(label)).toEqual([]);
      },
    );

    test.skipIf(missing)("without a configuration it says what to do, and starts nothing", async () => {
      env = { ...env, BOOKINFO_CONFIG: "" }; // overrides the .env that a switch may have left here
      await expect(compose("up", "-d")).rejects.toMatchObject({
        stderr: expect.stringContaining("Run ./switch off first") as string,
      });
      expect(await leftovers(label)).toEqual([]);
    });
  });
});
