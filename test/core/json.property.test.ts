import fc from "fast-check";
import { expect, test } from "vitest";
import { holds, PATIENCE } from "./property.ts";

/** White space between tokens, mostly none. */
const space = fc.constantFrom("", "", "", "", " ", "\n", "\t\r\n ");

const characters = (text: string) => Array.from(text);
const hex4 = (code: number) => `\\u${code.toString(16).padStart(4, "0")}`;
/** A character of a string as it may be written: as it is, or as an escape. */
const character = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...characters("ab Z09/{}[]:,\x7fé€\u2028\ufeff😀")),
  },
  { weight: 2, arbitrary: fc.constantFrom('\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t") },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xd7ff }).map(hex4) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0xe000, max: 0xffff })
      .map((code) => hex4(code).toUpperCase().replace("U", "u")),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 0xd800, max: 0xdbff }), fc.integer({ min: 0xdc00, max: 0xdfff }))
      .map(([high, low]) => hex4(high) + hex4(low)),
  },
);
const string = fc.array(character, { maxLength: 6 }).map((characters) => `"${characters.join("")}"`);

const number = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.constant(0), fc.nat(99), fc.nat()),
    fc.constantFrom("", ".0", ".5", ".25", ".000125", ".333333333333333333"),
    fc.constantFrom("", "", "", "e0", "E2", "e+10", "E-7", "e-20"),
  )
  .map((parts) => parts.join(""));

/** JSON text, and nothing that is not. */
const { document } = fc.letrec<{ document: string }>((tie) => {
  const spaced = fc.tuple(space, tie("document"), space).map((parts) => parts.join(""));
  const member = fc
    .tuple(space, string, space, spaced)
    .map(([a, key, b, value]) => `${a}${key}${b}:${value}`);
  return {
    document: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      { weight: 3, arbitrary: fc.oneof(string, number, fc.constantFrom("true", "false", "null")) },
      { weight: 2, arbitrary: fc.array(spaced, { maxLength: 3 }).map((items) => `[${items.join() || " "}]`) },
      { weight: 2, arbitrary: fc.array(member, { maxLength: 3 }).map((members) => `{${members.join()}}`) },
    ),
  };
});

/** One change to a text: where, as a share of its length; how many characters go; what comes instead. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  gone: fc.constantFrom(0, 0, 1, 1, 2, 5, 1000),
  instead: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        "",
        ...characters('{}[]:,"\\u0 19-+.eE/tfn\n'),
        "true",
        "null",
        "//",
        "\\u",
        '"a":',
        "\x00",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("\\ud800", "\\udc00", "\\ud83d\\ude00", "\ufeff", "\u00a0", "é", "NaN", "'"),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "\x01",
        "\x1f",
        "\x0b",
        "\x7f",
        "\\u00g1",
        "\\u00G1",
        "\\u00@1",
        "\\u00e9",
        "\\q",
      ),
    },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 40 }).map((levels) => "[".repeat(levels)) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 20, max: 40 }).map((levels) => "[".repeat(levels) + "]".repeat(levels)),
    },
  ),
});

/** Bytes where UTF-8 (RFC 3629) and strings have their limits: a few in a row are a character, or nearly one. */
const raw = fc.oneof(
  fc.array(
    fc.constantFrom(0x7f, 0x80, 0x8f, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  fc
    .constantFrom(
      "00",
      "1f",
      "c280",
      "c1bf",
      "e0a080",
      "e09fbf",
      "ed9fbf",
      "eda080",
      "f0908080",
      "f08fbfbf",
      "f48fbfbf",
      "f4908080",
    )
    .map((hex) => [...Buffer.from(hex, "hex")]),
);

/** Changes to a text in order; then, sometimes, bytes in its first string. */
const mutation = fc.record({
  changes: fc.array(change, { maxLength: 3 }),
  raw: fc.option(raw, { freq: 3 }),
});

test(
  "what is JSON is read as JSON.parse reads it",
  async () => {
    await holds(fc.tuple(space, document, space), (core, parts) => {
      const text = parts.join("");
      if (FAR_ESCAPE.test(text)) return;
      expectAlike(JSON.parse(core.rewrite(Buffer.from(text))), JSON.parse(text));
      if (core.skip(Buffer.from(text)) !== "") throw new Error("refused when passed over");
    });
  },
  PATIENCE,
);

test(
  "what is no longer JSON is refused as JSON.parse refuses it, and nothing makes the reader trap",
  async () => {
    await holds(fc.record({ document, mutation }), (core, { document, mutation }) => {
      const text = mutation.changes.reduce((text, { at, gone, instead }) => {
        const from = Math.floor(at * (text.length + 1));
        return text.slice(0, from) + instead + text.slice(from + gone);
      }, document);
      const changed = Buffer.from(text);
      const inside = changed.indexOf('"') + 1;
      const parts = [changed.subarray(0, inside), Buffer.from(mutation.raw ?? []), changed.subarray(inside)];
      const bytes = Buffer.concat(parts);
      const accepted = !core.rewrite(bytes).startsWith("!");
      if (accepted !== isJson(bytes))
        throw new Error(`${accepted ? "accepted" : "refused"}: ${bytes.toString()}`);
      if (accepted !== (core.skip(bytes) === ""))
        throw new Error(`passed over otherwise: ${bytes.toString()}`);
    });
  },
  PATIENCE,
);

/** An escape of a character beyond ASCII, which no name of ours has. */
const FAR_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?!00[0-7])/;

/** Whether the reader should take it: JSON, in strings any bytes, no escapes beyond ASCII, 32 levels deep at most. */
function isJson(bytes: Uint8Array): boolean {
  try {
    const text = Buffer.from(bytes).toString("latin1");
    JSON.parse(text);
    const literal = /"(?:[^"\\]|\\.)*"/g;
    if (FAR_ESCAPE.test(text)) return false;
    let depth = 0;
    for (const c of text.replace(literal, "")) {
      if (c === "[" || c === "{") depth++;
      if (c === "]" || c === "}") depth--;
      if (depth > 32) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Equal but for the last digits of numbers, which the reader does not promise. */
function expectAlike(found: unknown, wanted: unknown): void {
  if (typeof found === "number" && typeof wanted === "number") {
    if (Math.abs(found - wanted) > Math.abs(wanted) * 1e-14) expect(found).toBe(wanted);
  } else if (typeof found === "object" && found && typeof wanted === "object" && wanted) {
    const ours = Object.entries(found);
    const theirs = Object.entries(wanted);
    if (ours.length !== theirs.length || Array.isArray(found) !== Array.isArray(wanted)) {
      expect(found).toEqual(wanted);
    }
    ours.forEach(([key, value], i) => {
      if (key !== theirs[i]![0]) expect(key).toBe(theirs[i]![0]);
      expectAlike(value, theirs[i]![1]);
    });
  } else if (found !== wanted) expect(found).toBe(wanted);
}
