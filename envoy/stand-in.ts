import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFile, chmod, mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { removeAtExit } from "./at-exit.ts";
import { docker } from "./docker.ts";

/** An image made of programs of this machine. */
export interface StandIn {
  /** With its tag. A name of its own: nobody takes it for the image that it stands in for. */
  image: string;
  /** The programs, by path; each is found on the image's PATH under its file name. */
  programs: readonly string[];
}

/** What the image was made of, so that it is made again when that changes. */
const LABEL = "cluster-local.made-of";
const BIN = "usr/local/bin";

/**
 * Makes an image out of nothing but programs of this machine and the shared libraries that `ldd` names for them, and returns
 * its name. One that was made of the same programs before is used again. Linux only, and for this machine's architecture.
 * Throws when a program or library is missing, or when the engine refuses.
 */
export async function makeStandIn({ image, programs }: StandIn): Promise<string> {
  const madeOf = await digestOf(programs);
  const present = await docker([
    "image",
    "inspect",
    "--format",
    `{{index .Config.Labels "${LABEL}"}}`,
    image,
  ]).catch(() => undefined);
  if (present === madeOf) return image;

  const root = await mkdtemp(join(tmpdir(), "cluster-local-image-"));
  const remove = removeAtExit(root);
  try {
    await fill(root, programs);
    await importImage(root, image, madeOf);
    // The one before has lost its name and is of no use any more.
    if (present !== undefined)
      await docker(["image", "prune", "--force", "--filter", `label=${LABEL}=${present}`]);
  } finally {
    remove();
  }
  return image;
}

async function digestOf(programs: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const program of programs) hash.update(await readFile(program));
  return hash.digest("hex");
}

/** The root file system: the programs, their libraries where the programs look for them, and a /tmp for whoever has none. */
async function fill(root: string, programs: readonly string[]): Promise<void> {
  const copies = new Map(programs.map((program) => [program, join(BIN, basename(program))]));
  for (const program of programs)
    for (const library of await librariesOf(program)) copies.set(library, library);
  for (const [from, to] of copies) {
    await mkdir(join(root, dirname(to)), { recursive: true });
    await copyFile(from, join(root, to)); // follows links
    await chmod(join(root, to), 0o755);
  }
  await mkdir(join(root, "tmp"));
  await chmod(join(root, "tmp"), 0o1777);
  await chmod(root, 0o755); // what mkdtemp made is its owner's only, and would be so as "/"
}

/** The shared libraries that a program loads, and the loader itself, by the paths under which it asks for them. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ldd", [program]);
  const missing = /^\s*(\S+) => not found/m.exec(stdout);
  if (missing) throw new Error(`${program} needs ${missing[1]}, which this machine does not have`);
  return [...stdout.matchAll(/(?:^|=> )\s*(\/\S+) \(0x/gm)].map(([, path]) => path!);
}

/** `docker import` makes an image FROM scratch of one layer, with no builder, which newer clients do not bring along. */
async function importImage(root: string, image: string, madeOf: string): Promise<void> {
  const tar = spawn("tar", ["-c", "--owner=0", "--group=0", "--numeric-owner", "-C", root, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(tar, "close");
  const changes = [`ENV PATH=/${BIN}`, `LABEL ${LABEL}=${madeOf}`].flatMap((change) => ["--change", change]);
  await docker(["import", ...changes, "-", image], { input: tar.stdout, timeoutMs: 120_000 });
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`tar ended with exit code ${code}; ${image} may be incomplete`);
}
