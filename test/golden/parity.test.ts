import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { compare } from "../src/parity/answers.ts";
import { casesIn } from "./golden.ts";

const files = casesIn(join(import.meta.dirname, "plugin-config")).map(({ inputs }) => inputs.get("plugin")!);
const texts = files.filter((file) => file.endsWith(".json"));

test.each(texts.map((file) => [basename(file), file]))(
  "the filter says of %s what its golden says",
  (_, file) => {
    expect(compare(readFileSync(file, "utf8")).difference).toBeUndefined();
  },
);
