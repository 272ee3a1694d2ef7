import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PolicyFile } from "../../src/console/policy-file.ts";
import { setSwitch } from "../../src/console/edit.ts";
import { run } from "../../src/cli/run.ts";

/** Files as editors and shells write them: with byte order marks, in UTF-16, with the line ends of Windows. */
const policy = `version: 1\r\nclusters: [m1c1] # été\r\nrules:\r\n  - services: [default/reviews]\r\n    mode: strict\r\n`;
const inventory = `apiVersion: v1\r\nkind: Service\r\nmetadata: {name: reviews, namespace: default}\r\nspec: {ports: [{port: 80, name: http}]}\r\n`;

const ENCODINGS: [string, (text: string) => Buffer][] = [
  ["UTF-8", (text) => Buffer.from(text)],
  ["UTF-8 with a mark", (text) => Buffer.from(`\ufeff${text}`)],
  ["UTF-16, little end first", (text) => Buffer.from(`\ufeff${text}`, "utf16le")],
  ["UTF-16, big end first", (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
];

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "cluster-local-encodings-"))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each(ENCODINGS)("%s is read", async (_, encode) => {
  const files = { "policy.yaml": policy.replace("mode: strict", "mode: strickt"), "m1c1.yaml": inventory };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), encode(text));
  const lines: string[] = [];
  const io = { out: (line: string) => void lines.push(line), err: (line: string) => void lines.push(line) };
  await run(["validate", join(dir, "policy.yaml"), join(dir, "m1c1.yaml")], io);
  expect(lines.join("\n")).toContain(`policy.yaml:5:11: rules[0].mode: found "strickt"`);
  expect(lines.join("\n")).toContain("1 error, 0 warnings");
});

test.each(ENCODINGS)("%s is kept where the console edits a policy", (_, encode) => {
  const path = join(dir, "edited.yaml");
  writeFileSync(path, encode(policy));
  const file = new PolicyFile(path);
  const { text } = file.read();
  file.write(
    setSwitch(text, path, {
      enabled: false,
      rule: { number: 0, mode: "observe", scope: ["default/reviews"] },
    }),
  );
  expect(
    readFileSync(path).equals(
      encode(
        policy.replace("version: 1\r\n", "version: 1\r\nenabled: false\r\n").replace("strict", "observe"),
      ),
    ),
  ).toBe(true);
});

test("what is no text is refused", async () => {
  const path = join(dir, "odd.yaml");
  writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00]));
  const lines: string[] = [];
  const io = { out: () => undefined, err: (line: string) => void lines.push(line) };
  expect(await run(["validate", path], io)).toBe(1);
  expect(lines.join("\n")).toContain("it is not a text in UTF-8, or in UTF-16 with a byte order mark");
});
