/**
 * `npm run image`: the release module as an OCI image layout in build/image, and its bill of materials beside it.
 *
 *   --source URL       label org.opencontainers.image.source: where the source is
 *   --revision COMMIT  label org.opencontainers.image.revision: which commit of it
 *   --out DIR          another folder; what is in it is replaced
 */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../../src/cli/package-root.ts";
import { sweep, temporaryName } from "../../src/files/temporary.ts";
import { writeFiles } from "../../src/files/write.ts";
import { labels, type Package } from "./labels.ts";
import { imageLayout, sha256 } from "./layout.ts";
import { billOfMaterials } from "./sbom.ts";
import { partsOf } from "./source.ts";

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const root = packageRoot();
  const { values } = parseArgs({
    options: { source: { type: "string" }, revision: { type: "string" }, out: { type: "string" } },
  });
  const { source, revision, out = join(root, "build/image") } = values;
  if (source !== undefined && !URL.canParse(source))
    throw new Error(`--source: found "${source}", allowed: a URL`);
  if (revision !== undefined && !/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision)) {
    throw new Error(
      `--revision: found "${revision}", allowed: a whole commit id, 40 or 64 hexadecimal digits`,
    );
  }
  const dir = resolve(out);
  requireReplaceable(dir);
  const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Package;
  const module = readFileSync(join(root, "build/cluster-local.wasm"));
  const parts = await partsOf(root, module);
  const { files, digest, size } = imageLayout(module, labels(root, about, source, revision), about.version);
  const bill = billOfMaterials({ ...about, module, digest }, parts);

  const billFile = `${dir}.cdx.json`;
  replaceFolder(dir, files);
  writeFiles(dirname(dir), new Map([[basename(billFile), bill]]));
  const shown = (path: string) => relative("", path) || ".";
  console.log(`image   ${shown(dir)}, an OCI image layout with the tag ${about.version}`);
  console.log(`digest  ${digest}`);
  console.log(`size    ${size} bytes`);
  console.log(`module  sha256:${sha256(module)}, ${module.length} bytes`);
  console.log(
    `SBOM    ${shown(billFile)}, CycloneDX 1.6: ${parts.map(({ name, version }) => `${name} ${version}`).join(", ")}`,
  );
}

/** Only an earlier layout makes room. */
function requireReplaceable(dir: string): void {
  if (existsSync(dir) && !existsSync(join(dir, "oci-layout"))) {
    throw new Error(`--out: ${dir} is there and is no image layout; it is left alone`);
  }
}

/** Puts a folder in place as a whole: a layout with another build's blobs in it would be no layout of this one. */
function replaceFolder(dir: string, files: ReadonlyMap<string, Buffer>): void {
  sweep(dirname(dir));
  const staged = join(dirname(dir), temporaryName());
  try {
    writeFiles(staged, files);
    rmSync(dir, { recursive: true, force: true });
    renameSync(staged, dir);
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}
