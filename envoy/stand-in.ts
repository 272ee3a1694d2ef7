import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, stat, symlink } from "node:fs/promises";
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
  /** Other files and folders of this machine, by where they are in the image. */
  files?: Readonly<Record<string, string>>;
  /** Symbolic links, by where they are in the image. */
  links?: Readonly<Record<string, string>>;
  /** The environment of its containers, beside PATH. */
  env?: Readonly<Record<string, string>>;
}

/** What the image was made of, so that it is made again when that changes. */
const LABEL = "cluster-local.made-of";
const BIN = "usr/local/bin";
const PATH = `/${BIN}:/usr/bin:/bin`;

/**
 * Makes an image out of nothing but programs of this machine, the shared libraries that `ldd` names for them and the files that
 * are asked for, and returns its name. One that was made of the same before is used again. Linux only, and for this machine's
 * architecture. Throws when a program, library or file is missing, or when the engine refuses.
 */
export async function makeStandIn(standIn: StandIn): Promise<string> {
  const { image } = standIn;
  const madeOf = await digestOf(standIn);
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
    await fill(root, standIn);
    await importImage(root, standIn, madeOf);
    // The one before has lost its name and is of no use any more.
    if (present !== undefined)
      await docker(["image", "prune", "--force", "--filter", `label=${LABEL}=${present}`]);
  } finally {
    remove();
  }
  return image;
}

async function digestOf({ programs, files = {}, ...rest }: StandIn): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([PATH, rest, Object.keys(files)]));
  for (const path of [...programs, ...Object.values(files)])
    for (const file of await filesIn(path)) hash.update(file).update(await readFile(file));
  return hash.digest("hex");
}

/** The file itself, or all that are in the folder, sorted. */
async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** The root file system: the programs, their libraries where the programs look for them, and a /tmp for whoever has none. */
async function fill(root: string, { programs, files = {}, links = {} }: StandIn): Promise<void> {
  const copies = new Map(programs.map((program) => [program, join(BIN, basename(program))]));
  for (const program of programs)
    for (const library of await librariesOf(program)) copies.set(library, library);
  for (const [from, to] of copies) {
    await mkdir(join(root, dirname(to)), { recursive: true });
    await copyFile(from, join(root, to)); // follows links
    await chmod(join(root, to), 0o755);
  }
  for (const [to, from] of Object.entries(files))
    await cp(from, join(root, to), { recursive: true, dereference: true });
  for (const [path, target] of Object.entries(links)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await symlink(target, join(root, path));
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
async function importImage(root: string, { image, env = {} }: StandIn, madeOf: string): Promise<void> {
  // Any user may read it, whatever this machine's umask was when npm was installed.
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX"];
  const tar = spawn("tar", ["-c", ...owner, "-C", root, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(tar, "close");
  const variables = Object.entries({ PATH, ...env }).map(([name, value]) => `ENV ${name}=${value}`);
  const changes = [...variables, `LABEL ${LABEL}=${madeOf}`].flatMap((change) => ["--change", change]);
  await docker(["import", ...changes, "-", image], { input: tar.stdout, timeoutMs: 120_000 });
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`tar ended with exit code ${code}; ${image} may be incomplete`);
}
