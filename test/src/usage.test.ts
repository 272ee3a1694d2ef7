import { expect, test } from "vitest";
import { commandsOf, find } from "../../src/cli/find.ts";
import { rootCommand } from "../../src/cli/root.ts";
import { run } from "../../src/cli/run.ts";
import { usageOf } from "../../src/cli/usage.ts";

const silent = { out: () => undefined, err: () => undefined };

async function everyCommand(): Promise<string[][]> {
  const root = rootCommand(silent);
  const below = async (words: string[]): Promise<string[][]> => {
    const { command } = await find(root, words);
    const names = Object.keys(commandsOf(command));
    return [words, ...(await Promise.all(names.map((name) => below([...words, name])))).flat()];
  };
  return below([]);
}

test("help fits the terminal, at every level", async () => {
  const root = rootCommand(silent);
  const commands = await everyCommand();
  expect(commands.length).toBeGreaterThan(12);
  for (const words of commands) {
    const found = await find(root, words);
    for (const width of [60, 80, 200]) {
      const lines = (await usageOf(found, false, width)).split("\n");
      // Only what cannot be broken is longer.
      const tooLong = lines.filter(
        (line) => line.length > Math.min(width, 100) && line.trim().includes(" ") && !/^ {2}-/.test(line),
      );
      expect(tooLong, words.join(" ")).toEqual([]);
    }
    // 80 where nobody says how wide it is.
    expect(await usageOf(found, false)).toBe(await usageOf(found, false, 80));
  }
});

test("help asks the terminal how wide it is", async () => {
  const said: string[] = [];
  const io = { out: (line: string) => said.push(line), err: (line: string) => said.push(line) };
  const size = () => ({ columns: 60, rows: 24 });
  expect(await run(["explain", "--help"], { ...io, terminal: { size, write: () => undefined } })).toBe(0);
  expect(
    Math.max(
      ...said
        .join("\n")
        .split("\n")
        .map(({ length }) => length),
    ),
  ).toBeLessThanOrEqual(60);
});

test.each(["--version", "-v"])("%s prints the version alone", async (flag) => {
  const said: string[] = [];
  expect(await run([flag], { out: (line) => said.push(line), err: (line) => said.push(line) })).toBe(0);
  expect(said.join("\n")).toMatch(/^\d+\.\d+\.\d+$/);
});
