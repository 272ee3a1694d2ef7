import { readdirSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { FileError } from "../../files/file-error.ts";
import { readInput, readText } from "../../files/read.ts";
import type { InventoryFile } from "./read.ts";

/**
 * Reads an inventory: a file, all .yaml, .yml and .json files of a folder, or `-` for what is piped in. A file is of the
 * cluster whose id is its name without the ending, or the name of a folder that it is in. Throws FileError.
 */
export function readInventoryFiles(path: string, clusters: readonly string[]): InventoryFile[] {
  if (path === "-") return [readInput(path)];
  return filesOf(path).map((file) => ({
    file,
    text: readText(file),
    cluster: clusterOf(file === path ? basename(file) : relative(path, file), clusters),
    place: placeIn(path, file),
  }));
}

/** What a file of a folder is called there, or the folder that it is in: the id of a cluster, or none. */
export function placeIn(path: string, file: string): string | undefined {
  return file === path ? undefined : relative(path, file).replace(ENDING, "").split(sep)[0];
}

/** The files of a path: itself, or those of a folder. Throws FileError. */
export function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: "utf8" }).sort();
    const files = names.filter((name) => ENDING.test(name)).map((name) => join(path, name));
    if (files.length === 0) throw new FileError("read", path, "it has no .yaml, .yml or .json file");
    return files;
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw FileError.from(error, "read", path);
  }
}

const ENDING = /\.(?:ya?ml|json)$/i;

/** The cluster whose id is a part of the path of a file. */
export function clusterOf(path: string, clusters: readonly string[]): string | undefined {
  const names = path.replace(ENDING, "").split(sep);
  return names.find((name) => clusters.includes(name));
}
