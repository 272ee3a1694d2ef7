import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";

/** The pages of the commands show what they print: each block of a console is run again, in the repository's folder. */
const dir = join(import.meta.dirname, "../../src/cli");
const blocks = readdirSync(dir)
  .filter((name) => name.endsWith(".md"))
  .flatMap((name) => {
    const text = readFileSync(join(dir, name), "utf8");
    return [...text.matchAll(/```console\n\$ cluster-local (.*)\n([^`]*)```/g)].map(
      ([, command, printed]) => [name, command!, printed!] as const,
    );
  });

test.each(blocks)("%s: cluster-local %s", async (_, command, printed) => {
  const problems: string[] = [];
  const results: string[] = [];
  await run(command.split(" "), { out: (line) => results.push(line), err: (line) => problems.push(line) });
  expect([...problems, ...results].join("\n").trim()).toBe(printed.trim());
});

test("there are such blocks", () => {
  expect(blocks.length).toBeGreaterThan(5);
});
