import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** `import ... from "./x.ts"`, `export ... from`, `import("./x.ts")`: of types, too. */
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(\s*)"(\.[^"]+)"/g;

/** What each file of src imports of it. */
function importsOf(folder: string): Map<string, string[]> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
  return new Map(
    files.map((file) => {
      const named = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, path]) => path!);
      return [file, named.map((path) => join(dirname(file), path))];
    }),
  );
}

/** The first circle that is found, as a path that begins and ends alike; undefined where there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const search = (file: string, way: readonly string[]): string[] | undefined => {
    const at = way.indexOf(file);
    if (at >= 0) return [...way.slice(at), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const found = search(next, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const found = search(file, []);
    if (found) return found;
  }
  return undefined;
}

test("no file of src imports in a circle", () => {
  const imports = importsOf(join(ROOT, "src"));
  expect(imports.size).toBeGreaterThan(200);
  expect(
    circleIn(imports)
      ?.map((file) => relative(ROOT, file))
      .join(" -> "),
  ).toBeUndefined();
});

test("a circle would be found", () => {
  const imports = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["d", ["b"]],
  ]);
  expect(circleIn(imports)).toEqual(["b", "d", "b"]);
});
