import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha256 } from "./layout.ts";

/** A package of which something is compiled into the module. */
export interface Part {
  name: string;
  version: string;
  license: string;
  /** Its files that have code in the module, relative to its own library; none when it only declares imports. */
  files: string[];
}

/** The packages that compile the module: their integrity in the lock file is part of the source. */
const compilers = ["assemblyscript", "binaryen", "long", "@solo-io/proxy-runtime"];

/**
 * One hash for all that the module is compiled from: the sources, the compiler's settings, and the packages that compile
 * them. Two checkouts with the same hash give the same module.
 */
export function sourceDigest(root: string): string {
  const sources = filesIn(root, "assembly").filter((file) => /\.(ts|mjs)$/.test(file));
  const files = ["asconfig.json", ...sources].sort();
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string } | undefined>;
  };
  const lines = [
    ...files.map((file) => `${sha256(readFileSync(join(root, file)))}  ${file}\n`),
    ...compilers.map((name) => `${lock.packages[`node_modules/${name}`]?.integrity ?? ""}  ${name}\n`),
  ];
  return sha256(lines.join(""));
}

/**
 * Finds out what is in a release module by compiling it again with a source map, which names each file that code came
 * from. Throws when the sources give another module than the one in hand: it is stale.
 */
export async function partsOf(root: string, module: Buffer): Promise<Part[]> {
  const dir = mkdtempSync(join(tmpdir(), "cluster-local-image-"));
  try {
    const out = join(dir, "module.wasm");
    const args = ["assembly/index.ts", "--target", "release", "--sourceMap", "--outFile", out];
    await promisify(execFile)("npm", ["run", "--silent", "asc", "--", ...args], { cwd: root });
    requireSame(module, readFileSync(out));
    const { sources } = JSON.parse(readFileSync(`${out}.map`, "utf8")) as { sources: string[] };
    return partsIn(root, sources);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Throws unless a module is what was compiled with a source map, whose URL is in a custom section (id 0) at the end of the
 * latter.
 */
export function requireSame(module: Buffer, compiled: Buffer): void {
  if (!compiled.subarray(0, module.length).equals(module) || compiled[module.length] !== 0x00) {
    throw new Error("build/cluster-local.wasm is not what the sources give: npm run build");
  }
}

/** The packages behind the files of a source map, and those that the sources import anything from. */
export function partsIn(root: string, sources: readonly string[]): Part[] {
  const library = sources.filter((source) => source.startsWith("~lib/")).map((source) => source.slice(5));
  const imported = importedPackages(root);
  const from = (name: string) => library.filter((file) => file.startsWith(`${name}/`));
  const ofStandardLibrary = library.filter((file) => !imported.some((name) => file.startsWith(`${name}/`)));
  return [
    part(root, "assemblyscript", ofStandardLibrary),
    ...imported.map((name) =>
      part(
        root,
        name,
        from(name).map((file) => file.slice(name.length + 1)),
      ),
    ),
  ];
}

/** Names of the packages that assembly's sources import from. */
function importedPackages(root: string): string[] {
  const texts = filesIn(root, "assembly")
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, file), "utf8"));
  const specifiers = texts.flatMap((text) =>
    [...text.matchAll(/ from "([^."][^"]*)"/g)].map(([, name]) => name!),
  );
  const names = specifiers.map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
  return [...new Set(names)].sort();
}

function part(root: string, name: string, files: string[]): Part {
  const text = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
  const { version, license } = JSON.parse(text) as { version: string; license: string };
  return { name, version, license: license.trim(), files: files.sort() };
}

function filesIn(root: string, dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    );
}
