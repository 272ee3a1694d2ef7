import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test as anywhere } from "vitest";
import { startChild, type Child } from "../../envoy/children.ts";
import { send } from "../support/http-client.ts";

// Its processes are found in /proc, by a mark in their environment.
const test = anywhere.skipIf(process.platform !== "linux");

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Demo extends Child {
  /** What it printed so far. */
  text(): string;
  /** The processes that it started and that still run: their ids and command lines. */
  processes(): { pid: number; command: string }[];
}

const started: Demo[] = [];

/** Starts the demo; all that it starts has a mark in its environment by which it is found again. */
async function startDemo(...args: string[]): Promise<Demo> {
  const mark = `CLUSTER_LOCAL_DEMO=${randomUUID()}`;
  const [name, value] = mark.split("=") as [string, string];
  const child = await startChild(
    process.execPath,
    ["--import", "tsx", "examples/bookinfo/demo.ts", ...args],
    {
      name: "the demo",
      cwd: root,
      env: { ...process.env, [name]: value },
    },
  );
  const demo = Object.assign(child, {
    text: () => child.log.join("\n"),
    processes: () => processesWith(mark).filter(({ pid }) => pid !== child.pid),
  });
  started.push(demo);
  return demo;
}

function processesWith(mark: string): { pid: number; command: string }[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  return pids.flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark)) return [];
      return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ") }];
    } catch {
      return []; // gone meanwhile, or not ours to look at
    }
  });
}

/** The folder of its run, as the processes' command lines have it. */
function folderOf(demo: Demo): string {
  const [folder] =
    /build\/demo-\w+/.exec(
      demo
        .processes()
        .map(({ command }) => command)
        .join("\n"),
    ) ?? [];
  return folder!;
}

async function expectNothingLeft(demo: Demo, folder: string): Promise<void> {
  await expect.poll(() => demo.processes(), { timeout: 3000 }).toEqual([]);
  expect(existsSync(root + folder)).toBe(false);
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((demo) => demo.stop()));
});

const until = (demo: Demo, text: string | RegExp, timeout = 30_000) =>
  expect.poll(() => demo.text(), { timeout, interval: 50 }).toMatch(text);

test("the demo runs its four acts, checks them, and leaves nothing behind", { timeout: 90_000 }, async () => {
  const demo = await startDemo();
  await until(demo, /^1\. /m);
  const folder = folderOf(demo);
  expect(demo.processes().filter(({ command }) => command.includes("apps/"))).toHaveLength(8);
  expect(await demo.exited).toBe("exit code 0");
  expect(demo.text()).toMatch(/productpage1 +200 +200 +200 +0 +0 +0\n/);
  expect(demo.text()).toMatch(/productpage2 +200 +200 +0 +200 +200 +0\n/);
  expect(demo.text().match(/(\d+) pages were opened meanwhile, 0 failed/g)).toHaveLength(2);
  expect(demo.log.at(-1)).toMatch(/^All four acts are as claimed, counted at the receivers, in \d+\.\d s\.$/);
  expect(demo.log.filter((line) => line.length > 100)).toEqual([]);
  await expectNothingLeft(demo, folder);
});

test(
  "with --keep it goes on, applies edits of the policy, and ends with Ctrl-C",
  { timeout: 90_000 },
  async () => {
    const demo = await startDemo("--keep");
    await until(demo, /Ctrl-C ends everything/, 60_000);
    const folder = folderOf(demo);
    const [console] = /http:\/\/127\.0\.0\.1:\d+\/(?=#token=)/.exec(demo.text())!;
    expect(await (await fetch(console)).text()).toContain("<title>cluster-local</title>");
    const [, gateway] = /http:\/\/(127\.0\.0\.1:\d+)\/productpage1/.exec(demo.text())!;
    const policy = root + /^ *(build\/\S+policy\.yaml)$/m.exec(demo.text())![1]!;
    const versions = async () => {
      const pages = Array.from({ length: 6 }, () => send({ address: gateway!, path: "/productpage1" }));
      return new Set((await Promise.all(pages)).map(({ body }) => /reviews-v\d/.exec(body)?.[0]));
    };
    expect(await versions()).toEqual(new Set(["reviews-v1"]));

    const text = readFileSync(policy, "utf8");
    writeFileSync(policy, text.replace("mode: strict", "mode: strickt"));
    await until(demo, /Not applied[^]*strickt/);
    expect(await versions()).toEqual(new Set(["reviews-v1"]));

    // As editors do that write another file and rename it.
    writeFileSync(`${policy}~`, text.replace("enabled: true", "enabled: false"));
    renameSync(`${policy}~`, policy);
    await until(demo, /^Applied /m);
    await expect.poll(versions).toEqual(new Set(["reviews-v1", "reviews-v2"]));

    process.kill(demo.pid, "SIGINT");
    expect(await demo.exited).toBe("exit code 0");
    await expectNothingLeft(demo, folder);
  },
);

test.each([
  ["1", "SIGINT"],
  ["3", "SIGTERM"],
] as const)("in act %s, %s ends every process", async (act, signal) => {
  const demo = await startDemo();
  await until(demo, new RegExp(`^${act}\\. `, "m"));
  const folder = folderOf(demo);
  process.kill(demo.pid, signal);
  expect(await demo.exited).toBe(signal);
  await expectNothingLeft(demo, folder);
});

test("when an app crashes, the demo says which, and ends every process", async () => {
  const demo = await startDemo();
  await until(demo, /^1\. /m);
  const folder = folderOf(demo);
  process.kill(demo.processes().find(({ command }) => command.includes("ratings.mjs"))!.pid, "SIGKILL");
  expect(await demo.exited).toBe("exit code 1");
  expect(demo.text()).toMatch(/^The demo failed\. ratings in m1c[12] ended \(SIGKILL\)/m);
  await expectNothingLeft(demo, folder);
});

test("an unknown option is an error that shows the usage", async () => {
  const demo = await startDemo("--kep");
  expect(await demo.exited).toBe("exit code 2");
  expect(demo.text()).toContain("Usage: npm run demo");
});
