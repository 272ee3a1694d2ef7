import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { docker } from "../../envoy/docker.ts";
import type { Images } from "../../envoy/images.ts";
import { freePort } from "../../envoy/ports.ts";
import { waitUntil } from "../../envoy/wait.ts";
import type { ComposeClient } from "./compose-client.ts";
import { askCounts, countedFrom } from "./counts.ts";
import { freshClone, type FreshClone } from "./fresh-clone.ts";
import { leftovers, removeLeftovers, removeWhenGone, type Label } from "./leftovers.ts";

const run = promisify(execFile);
const name = `cluster-local-test-${process.pid}`;
/** What all that compose makes for these tests is labelled with. */
export const projectLabel: Label = `com.docker.compose.project=${name}`;

/** A fresh clone for the tests of a group. What they start in it is removed after each, and nothing may be left. */
export function useFreshClone(options: { setUp: boolean }): () => FreshClone {
  let clone: FreshClone;
  beforeAll(async () => {
    clone = await freshClone(options);
    removeWhenGone(projectLabel, clone.folder);
  });
  afterEach(() => removeLeftovers(projectLabel));
  afterAll(async () => {
    clone.remove();
    expect(await leftovers(projectLabel)).toEqual([]);
  });
  return () => clone;
}

/** The example in a clone, by one client. */
export class Project {
  /** What its commands see. */
  readonly env: NodeJS.ProcessEnv;
  readonly #client: ComposeClient;
  readonly #example: string;

  private constructor(client: ComposeClient, example: string, env: NodeJS.ProcessEnv) {
    this.#client = client;
    this.#example = example;
    this.env = env;
  }

  /** Nothing is started. `more` is added to the environment. */
  static async of(
    client: ComposeClient,
    { folder, example }: FreshClone,
    more: Partial<Images> & { NPM_CONFIG_REGISTRY?: string } = {},
  ): Promise<Project> {
    const env: NodeJS.ProcessEnv = { ...process.env, COMPOSE_PROJECT_NAME: name, ...more };
    env.GATEWAY_PORT = String(await freePort());
    env.COMPOSE_API_VERSION = "auto"; // 1.29 would otherwise ask for one that newest engines refuse
    // Where there are both, `switch` takes v2. In a folder of its own the Docker client has no plugins.
    if (client.command.length === 1) env.DOCKER_CONFIG = await mkdtemp(join(folder, "docker-"));
    return new Project(client, example, env);
  }

  /** Rejects, with what was printed, when compose fails. */
  compose(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const [program, ...first] = this.#client.command;
    return run(program!, [...first, ...args], { cwd: this.#example, env: this.env });
  }

  /** Runs a line in bash and resolves with what it printed. */
  async shell(line: string): Promise<string> {
    return (await run("bash", ["-c", line], { cwd: this.#example, env: this.env })).stdout;
  }

  /** What README.md's section "In containers" says: its curl, and what that prints with retention off and on. */
  async story(): Promise<{ curl: string; off: string; on: string }> {
    const readme = await readFile(join(this.#example, "README.md"), "utf8");
    const section = /## In containers\n([^]*?)\n## /.exec(readme)![1]!;
    const blocks = [...section.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.replace(/^ {4}/gm, ""));
    const curl = blocks.findIndex((block) => block.startsWith("curl "));
    const [off, , on] = blocks.slice(curl + 1);
    const port = `localhost:${this.env.GATEWAY_PORT}`;
    return { curl: blocks[curl]!.replace("localhost:8080", port), off: off!, on: on! };
  }

  /** Waits until the curl prints that. */
  async expectCurl(printed: "off" | "on"): Promise<void> {
    const story = await this.story();
    await waitUntil(async () => (await this.shell(story.curl)) === story[printed]);
    expect(await this.shell(story.curl)).toBe(story[printed]);
  }

  /** How many requests for reviews m1c1's productpage has sent, counted by both reviews. */
  async receivedFromM1c1(): Promise<{ v1: number; v2: number }> {
    const counted = async (service: string) => {
      const id = (await this.compose("ps", "--quiet", service)).stdout.trim();
      return countedFrom("productpage.m1c1", await docker(["exec", id, ...askCounts]));
    };
    return { v1: await counted("m1c1-reviews"), v2: await counted("m1c2-reviews") };
  }
}

/** All 13 containers become healthy, and none has a right or a user that it does not need. Resolves with their ids. */
export async function expectHardened(): Promise<string[]> {
  const ids = (await docker(["ps", "--quiet", "--filter", `label=${projectLabel}`])).split("\n");
  expect(ids).toHaveLength(13);
  const health = ["inspect", "--format", "{{.State.Health.Status}}", ...ids];
  const healthy = async () => /^(healthy\s*)+$/.test(await docker(health));
  expect(await waitUntil(healthy, { timeoutMs: 20_000 })).toBe(true);
  const hardened =
    "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}}";
  expect(new Set((await docker(["inspect", "--format", hardened, ...ids])).split("\n"))).toEqual(
    new Set(["true [ALL] [no-new-privileges:true] false"]),
  );
  for (const id of ids)
    expect(await docker(["top", id, "-o", "uid,pid"])).toMatch(/^UID +PID(\n *[1-9]\d* +\d+)+$/);
  return ids;
}
