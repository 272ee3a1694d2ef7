import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { startChild } from "../../envoy/children.ts";

const moduleUrl = (name: string) => JSON.stringify(new URL(`../../envoy/${name}`, import.meta.url).href);

/**
 * Starts a Node process that starts a child which itself starts a process, prints the ids of these two and the
 * name of a temporary folder, and then does `what`.
 */
async function startParent(what: string) {
  const script = `
    import { mkdtempSync } from "node:fs";
    import { tmpdir } from "node:os";
    const { startChild } = await import(${moduleUrl("children.ts")});
    const { removeAtExit } = await import(${moduleUrl("at-exit.ts")});
    const dir = mkdtempSync(tmpdir() + "/cluster-local-children-");
    removeAtExit(dir);
    await startChild("/bin/sh", ["-c", "trap '' TERM; sleep 1000 & echo $$ $!; wait; wait"], {
      name: "sleeper",
      onLine: (line) => console.log(line + " " + dir),
    });
    setTimeout(() => { ${what} }, 300);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(parent, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  const [shell, sleeper, dir] = line.split(" ");
  return { parent, ended, pids: [Number(shell), Number(sleeper)], dir: dir! };
}

/** Whether a process runs (on Linux); one that is dead but not yet reaped does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== "linux")("children end with their parent", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "when it gets %s, of which it then dies",
    async (signal) => {
      const { parent, ended, pids, dir } = await startParent("");
      expect(pids.map(isAlive)).toEqual([true, true]);
      parent.kill(signal);
      expect(await ended).toEqual([null, signal]);
      await expect.poll(() => pids.some(isAlive)).toBe(false);
      expect(existsSync(dir)).toBe(false);
    },
  );

  test.each([
    ["exits", "process.exit(3)", 3],
    ["has an uncaught error", "throw new Error('uncaught')", 1],
    ["has an unhandled rejection", "Promise.reject(new Error('unhandled'))", 1],
  ])("when it %s", async (_, what, code) => {
    const { ended, pids, dir } = await startParent(what);
    expect(await ended).toEqual([code, null]);
    await expect.poll(() => pids.some(isAlive)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  test("even when it is killed by SIGKILL", async () => {
    const { parent, ended, pids } = await startParent("");
    parent.kill("SIGKILL");
    await ended;
    await expect.poll(() => pids.some(isAlive), { timeout: 3000 }).toBe(false);
  });
});

describe("a child", () => {
  test("keeps its output, and says how it ended", async () => {
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const child = await startChild("/bin/sh", ["-c", "echo out; echo err >&2; exit 4"], {
      name: "talker",
      onLine,
    });
    expect(await child.exited).toBe("exit code 4");
    expect([...child.log].sort()).toEqual(["err", "out"]);
    expect(lines).toEqual(child.log);
    expect(child.running).toBe(false);
    await child.stop();
  });

  test("that ignores SIGTERM is killed, together with what it started", async () => {
    const child = await startChild("/bin/sh", ["-c", "trap '' TERM; sleep 1000 & echo $!; wait; wait"], {
      name: "deaf",
    });
    await expect.poll(() => child.log.length).toBe(1);
    await child.stop(200);
    expect(await child.exited).toBe("SIGKILL");
    await expect.poll(() => isAlive(Number(child.log[0]))).toBe(false);
  });

  test("that cannot be started is an error", async () => {
    await expect(startChild("no-such-command", [], { name: "nothing" })).rejects.toThrow(
      "cannot start nothing: spawn no-such-command ENOENT",
    );
  });
});
