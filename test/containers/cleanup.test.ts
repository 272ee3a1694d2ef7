import { fileURLToPath } from "node:url";
import { afterEach, expect, inject, test } from "vitest";
import { startChild, type Child } from "../../envoy/children.ts";
import { describeContainers } from "./containers.ts";
import { leftovers, removeLeftovers, type Label } from "./leftovers.ts";
import { sessionLabel, startRig } from "./rig.ts";

describeContainers("containers, networks and volumes are gone", () => {
  let label: Label | undefined;
  let child: Child | undefined;

  afterEach(async () => {
    await child?.stop();
    if (label !== undefined) await removeLeftovers(label);
  });

  async function startCrash(how: string): Promise<Child> {
    const script = fileURLToPath(new URL("crash.ts", import.meta.url));
    const args = ["--import", "tsx", script, how, JSON.stringify(inject("images"))];
    return startChild(process.execPath, args, { name: "crash.ts" });
  }

  /** What it prints of that kind, once it has. */
  async function printed(child: Child, pattern: RegExp): Promise<string> {
    const line = () => child.log.find((line) => pattern.test(line));
    await expect.poll(() => line() ?? !child.running, { timeout: 60_000 }).toMatch(pattern);
    return line()!;
  }

  const expectGone = (label: Label) => expect.poll(() => leftovers(label), { timeout: 30_000 }).toEqual([]);

  test("after an error that nobody caught", async () => {
    child = await startCrash("throws");
    label = (await printed(child, /session-id=/)) as Label;
    await printed(child, /^serving at /);
    expect(await child.exited).toBe("exit code 1");
    await expectGone(label);
  });

  test("after SIGKILL, while containers are being started", async () => {
    child = await startCrash("hangs");
    label = (await printed(child, /session-id=/)) as Label;
    // Two networks, and the first containers.
    await expect.poll(async () => (await leftovers(label!)).length, { timeout: 30_000 }).toBeGreaterThan(4);
    process.kill(child.pid, "SIGKILL");
    await child.exited;
    await expectGone(label);
  });

  test("after a start that fails, which says why", async () => {
    const images = { ...inject("images"), ENVOY_IMAGE: inject("images").NODE_IMAGE };
    await expect(startRig(images)).rejects.toThrow(/envoy/);
    // startRig has removed everything before it threw.
    label = await sessionLabel();
    expect(await leftovers(label)).toEqual([]);
  });
});
