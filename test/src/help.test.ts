import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { TOPICS } from "../../src/cli/help/topics.ts";
import { parseMesh } from "../../src/inventory/mesh.ts";
import { parsePolicy } from "../../src/policy/policy.ts";

/** The blocks of a topic that are indented by four. */
function examples(text: string): string[] {
  return [...text.matchAll(/(?:^ {4}\S.*\n(?: {4}.*\n|\n(?= {4}))*)+/gm)].map(([block]) =>
    block.replace(/^ {4}/gm, ""),
  );
}

describe.each(Object.entries(TOPICS))("help %s", (_, { text, title }) => {
  test("has lines that fit a terminal", () => {
    const prose = text.split("\n").filter((line) => !line.startsWith("    $"));
    expect([title, ...prose].filter((line) => line.length > 80)).toEqual([]);
  });

  test("has examples that are right", () => {
    for (const example of examples(text).filter((block) => block.startsWith("version:"))) {
      const parse = example.includes("services:\n") && example.includes("- id:") ? parseMesh : parsePolicy;
      const parsed = parse(example, "example.yaml");
      expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    }
  });

  test("names commands and options that there are", async () => {
    for (const [, line] of text.matchAll(/\$ (?:source <\()?cluster-local ([^)\n>]+)/g)) {
      const words = line!.trim().split(/\s+/);
      const command = words.filter((word) => /^[a-z]+$/.test(word)).slice(0, words[0] === "generate" ? 2 : 1);
      const usage: string[] = [];
      const io = { out: (text: string) => usage.push(text), err: (text: string) => usage.push(text) };
      expect(await run([...command, "--help"], io)).toBe(0);
      for (const option of words.filter((word) => word.startsWith("--")))
        expect(usage.join("\n")).toContain(option);
    }
  });
});

test("every topic has an example, but for those that are about none", () => {
  const without = Object.entries(TOPICS).filter(([, { text }]) => examples(text).length === 0);
  expect(without.map(([name]) => name)).toEqual(["exit-codes"]);
});
