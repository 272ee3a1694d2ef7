import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labels } from "../../envoy/image/labels.ts";
import { requireSame } from "../../envoy/image/source.ts";

const root = join(import.meta.dirname, "../..");
const { name, version, description } = readJson(join(root, "package.json")) as Record<string, string>;
const sha256 = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

interface Manifest {
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
  annotations: Record<string, string>;
}

interface ImageConfig {
  rootfs: { diff_ids: string[] };
  config: { Labels: Record<string, string> };
}

let dir: string;
let layout: string;
let printed: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-image-test-"));
  layout = join(dir, "image");
  printed = (await makeImage(root, ["--out", layout])).stdout;
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs `npm run image` of a checkout, without what npm and the setup add; through a shell for its umask. */
function makeImage(
  checkout: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
  umask = "022",
  cwd = checkout,
) {
  const tsx = pathToFileURL(join(root, "node_modules/tsx/dist/loader.mjs")).href;
  const command = [process.execPath, "--import", tsx, join(checkout, "envoy/image/main.ts"), ...args];
  return promisify(execFile)("sh", ["-c", `umask ${umask}; exec "$@"`, "sh", ...command], {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A blob by its descriptor, whose digest and size must be true. */
function blob({ digest, size }: Descriptor): Buffer {
  const content = readFileSync(join(layout, "blobs", digest.replace(":", "/")));
  expect({ digest: `sha256:${sha256(content)}`, size: content.length }).toEqual({ digest, size });
  return content;
}

const parse = (content: Buffer): unknown => JSON.parse(content.toString("utf8"));

function contents() {
  const index = readJson(join(layout, "index.json")) as { mediaType: string; manifests: [Descriptor] };
  const [image] = index.manifests;
  const manifest = parse(blob(image)) as Manifest;
  const config = parse(blob(manifest.config)) as ImageConfig;
  return { index, image, manifest, config, layers: manifest.layers.map(blob) };
}

describe("the layout", () => {
  test("has one image, and no blob that does not belong to it", () => {
    const { index, image, manifest } = contents();
    expect(readJson(join(layout, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(index.mediaType).toBe("application/vnd.oci.image.index.v1+json");
    expect(index.manifests).toHaveLength(1);
    expect(image.annotations).toEqual({ "org.opencontainers.image.ref.name": version });
    expect(manifest.mediaType).toBe(image.mediaType);
    expect(manifest.config.mediaType).toBe("application/vnd.oci.image.config.v1+json");
    const digests = [image, manifest.config, ...manifest.layers].map(({ digest }) => digest.slice(7));
    expect(readdirSync(join(layout, "blobs/sha256")).sort()).toEqual(digests.sort());
    expect(readdirSync(layout).sort()).toEqual(["blobs", "index.json", "oci-layout"]);
  });

  test("has the module in one layer, what it is for in the other, and nothing else", () => {
    const { manifest, layers, config } = contents();
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
      "application/vnd.module.wasm.config.v1+json",
      "application/vnd.module.wasm.content.layer.v1+wasm",
    ]);
    const runtime = { type: "envoy_proxy", abiVersions: ["0.2.1"], config: { root_ids: ["cluster_local"] } };
    expect(parse(layers[0]!)).toEqual(runtime);
    expect(layers[1]!.equals(readFileSync(join(root, "build/cluster-local.wasm")))).toBe(true);
    expect(config.rootfs.diff_ids).toEqual(manifest.layers.map(({ digest }) => digest));
  });

  test("tells what it is, where image tools and where OCI tools look", () => {
    const { manifest, config } = contents();
    expect(config.config.Labels).toEqual(manifest.annotations);
    expect(manifest.annotations).toEqual({
      "org.opencontainers.image.title": name,
      "org.opencontainers.image.description": description,
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "Apache-2.0",
      "cluster-local.source.sha256": expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  test("is what the command says", () => {
    const { image, manifest } = contents();
    const size = [image, manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0);
    expect(printed).toContain(`digest  ${image.digest}\nsize    ${size} bytes\n`);
  });
});

test("the bill of materials names the module and all that is compiled into it", () => {
  const { image } = contents();
  const bill = readJson(`${layout}.cdx.json`) as {
    metadata: { component: object };
    components: { name: string; hashes?: { content: string }[]; version: string; purl?: string }[];
  };
  expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
  expect(bill.metadata.component).toMatchObject({
    name,
    version,
    hashes: [{ content: image.digest.slice(7) }],
  });
  const locked = (package_: string) =>
    (readJson(join(root, "package-lock.json")) as { packages: Record<string, { version: string }> }).packages[
      `node_modules/${package_}`
    ]!.version;
  expect(bill.components.map(({ name, version }) => [name, version])).toEqual([
    ["plugin.wasm", version],
    ["assemblyscript", locked("assemblyscript")],
    ["@solo-io/proxy-runtime", locked("@solo-io/proxy-runtime")],
  ]);
  const module = sha256(readFileSync(join(root, "build/cluster-local.wasm")));
  expect(bill.components[0]!.hashes).toEqual([{ alg: "SHA-256", content: module }]);
  expect(bill.components[2]!.purl).toMatch(/^pkg:npm\/%40solo-io\/proxy-runtime@/);
});

test("the same source gives the same bytes: another folder, time zone, umask, clock", async () => {
  const checkout = join(dir, "elsewhere");
  const copied = ["assembly", "envoy", "src", "asconfig.json", "package.json", "package-lock.json"];
  for (const path of copied) cpSync(join(root, path), join(checkout, path), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  const env = { TZ: "Pacific/Kiritimati", LC_ALL: "C", SOURCE_DATE_EPOCH: "1234567890" };
  // The module is compiled again there, and must be this one, or the command refuses it.
  mkdirSync(join(checkout, "build"));
  copyFileSync(join(root, "build/cluster-local.wasm"), join(checkout, "build/cluster-local.wasm"));
  await makeImage(checkout, [], env, "077", dir);
  const made = join(checkout, "build/image");
  const all = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(folder.length), sha256(readFileSync(file))])
      .sort();
  expect(all(made)).toEqual(all(layout));
  expect(readFileSync(`${made}.cdx.json`, "utf8")).toBe(readFileSync(`${layout}.cdx.json`, "utf8"));
}, 120_000);

test("a module that the sources do not give is refused", () => {
  const module = Buffer.from("module");
  const compiled = Buffer.from("module\0\x10sourceMappingURL");
  expect(() => requireSame(module, compiled)).not.toThrow();
  for (const other of ["modul", "modulf", "module\x01"]) {
    expect(() => requireSame(Buffer.from(other), compiled)).toThrow(
      "build/cluster-local.wasm is not what the sources give: npm run build",
    );
  }
});

test("source and revision are labels on demand", () => {
  const about = { name: "n", version: "1.2.3", description: "d", license: "Apache-2.0" };
  const made = labels(root, about, "https://example.com/cluster-local", "0123456789abcdef");
  expect(made).toMatchObject({
    "org.opencontainers.image.version": "1.2.3",
    "org.opencontainers.image.source": "https://example.com/cluster-local",
    "org.opencontainers.image.revision": "0123456789abcdef",
  });
  expect(labels(root, about)).not.toHaveProperty("org.opencontainers.image.source");
});

test.each([
  [["--source", "example.com"], '--source: found "example.com", allowed: a URL'],
  [
    ["--revision", "main"],
    '--revision: found "main", allowed: a whole commit id, 40 or 64 hexadecimal digits',
  ],
])("%j is refused", async (args, message) => {
  await expect(makeImage(root, args)).rejects.toMatchObject({ code: 1, stderr: `${message}\n`, stdout: "" });
});

test("a folder that is no layout is left alone", async () => {
  const out = join(dir, "precious");
  mkdirSync(out);
  writeFileSync(join(out, "file"), "");
  await expect(makeImage(root, ["--out", out])).rejects.toMatchObject({
    stderr: `--out: ${out} is there and is no image layout; it is left alone\n`,
  });
  expect(readdirSync(out)).toEqual(["file"]);
}, 60_000);
