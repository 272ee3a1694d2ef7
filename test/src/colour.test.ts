import { describe, expect, test } from "vitest";
import { painter, wantsColours } from "../../src/cli/colour.ts";
import { progress } from "../../src/cli/progress.ts";
import { run } from "../../src/cli/run.ts";

const tty = { isTTY: true };

test.each([
  [tty, {}, true],
  [{}, {}, false],
  [tty, { NO_COLOR: "1" }, false],
  [tty, { NO_COLOR: "" }, true],
  [tty, { TERM: "dumb" }, false],
  [{}, { FORCE_COLOR: "1" }, true],
  [tty, { FORCE_COLOR: "0" }, false],
  [tty, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
])("a stream %j with %j gets colours: %s", (stream, env, wanted) => {
  expect(wantsColours(stream, env)).toBe(wanted);
});

test("without colours nothing but the text is written", async () => {
  const lines: string[] = [];
  const io = { out: (line: string) => lines.push(line), err: (line: string) => lines.push(line) };
  await run(["help"], io);
  await run(["--help"], io);
  const plain = lines.join("\n");
  expect(plain).not.toContain("\u001b");
  await run(["help"], { ...io, colours: { out: true, err: true } });
  expect(lines.at(-2)).toContain("\u001b[1m");
  expect(painter(true)("red", "")).toBe("");
});

describe("progress", () => {
  test("tells nothing within the first second, then each step, and large files at once", () => {
    const told: string[] = [];
    let now = 0;
    const busy = progress(
      (line) => told.push(line),
      () => now,
    );
    busy("reading a.yaml", 1000);
    busy("reading b.json", 20 * 1024 * 1024);
    now = 1500;
    busy("comparing");
    expect(told).toEqual(["reading b.json ...", "comparing ..."]);
  });
});
