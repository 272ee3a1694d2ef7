import type { ExplainOptions } from "../explain/istio-resources.ts";
import { formatOf, readSource, checkSource, type ReadSource } from "../input/parse.ts";
import type { Parsed, Problem } from "../input/problem.ts";
import { isKubernetes } from "../inventory/any.ts";
import { readInventory } from "../inventory/kubernetes/model.ts";
import { clusterOf } from "../inventory/kubernetes/files.ts";
import type { InventoryFile } from "../inventory/kubernetes/read.ts";
import { meshSchema } from "../inventory/mesh.ts";
import { modelOf, type Mesh } from "../inventory/model.ts";
import { pluginConfigSchema } from "../policy/plugin-config.ts";
import { policySchema, type Policy } from "../policy/policy.ts";
import { compareAll, type Kubernetes, type Rules } from "./compare.ts";
import { duplicates } from "./duplicates.ts";
import { kindOf, unclear, type FileKind } from "./kind.ts";
import { placed } from "./place.ts";
import { pluginProblems } from "./wasm-plugins.ts";

export type { FileKind } from "./kind.ts";

/** What was found in files, by themselves and of each other. */
export interface Validation {
  /** In the order given. */
  files: { file: string; kind: FileKind | undefined }[];
  /** What keeps a file from being used at all, in the order of the files and their lines. */
  errors: Problem[];
  /** What never applies, or is likely not meant. */
  warnings: Problem[];
}

/** A text with its name. */
export interface ValidatedFile {
  file: string;
  text: string;
  /** Of a file in a folder: what it is called there, or the folder that it is in. */
  place?: string | undefined;
}

/**
 * Checks policies, plugin configurations and inventories, each told by its content: by themselves, and each set of rules
 * against each inventory. Never throws; everything that is wrong is in the answer.
 *
 * @param files texts with their names; names ending in .json are read as JSON
 * @param busy is told what takes a while
 * @param options Kubernetes resources: as for `generate istio`
 */
export function validate(
  files: readonly ValidatedFile[],
  busy: (doing: string, bytes: number) => void = () => undefined,
  options: ExplainOptions = {},
): Validation {
  const sorted = new Sorted(options);
  for (const one of files) {
    busy(`checking ${one.file}`, one.text.length);
    sorted.add(one);
  }
  busy("comparing the files", 0);
  const order = new Map(files.map(({ file }, index) => [file, index]));
  return {
    files: sorted.files,
    ...sorted.finish((problems) => arranged(problems, order)),
  };
}

/** In UTF-16 code units: half a second's reading. */
const LARGE = 4_000_000;

/** Files by what they are. */
class Sorted {
  constructor(private readonly options: ExplainOptions) {}

  readonly files: Validation["files"] = [];
  private readonly errors: Problem[] = [];
  private readonly rules: Rules[] = [];
  private readonly meshes: Extract<Parsed<Mesh>, { ok: true }>[] = [];
  private readonly kubernetes: InventoryFile[] = [];

  add({ file, text, place }: ValidatedFile): void {
    if (isKubernetes(text)) {
      this.files.push({ file, kind: "Kubernetes resources" });
      this.kubernetes.push({ file, text, place });
      return;
    }
    const format = formatOf(file, text.trimStart().startsWith("{") ? "json" : "yaml");
    const read = readSource(text, file, format);
    if (!read.ok) {
      this.files.push({ file, kind: undefined });
      this.errors.push(...read.problems);
      return;
    }
    const kind = kindOf(read.value.source.value, format);
    this.files.push({ file, kind });
    if (kind === undefined) {
      const message = unclear(read.value.source.value);
      this.errors.push(read.value.source.problem({ code: "CL0103", path: [], message }));
    } else this.check(kind, read.value);
  }

  private check(kind: FileKind, read: ReadSource): void {
    if (kind === "inventory") {
      const parsed = checkSource(meshSchema, read);
      if (parsed.ok) this.meshes.push({ ...parsed, value: modelOf(parsed.value) });
      else this.errors.push(...parsed.problems);
      return;
    }
    const parsed = checkSource(kind === "policy" ? policySchema : pluginConfigSchema, read);
    if (parsed.ok) this.rules.push({ source: parsed.source, value: parsed.value });
    else this.errors.push(...parsed.problems);
  }

  finish(arrange: (problems: Problem[]) => Problem[]): Pick<Validation, "errors" | "warnings"> {
    const texts = new Map(this.kubernetes.map(({ file, text }) => [file, text]));
    const { kubernetes, problems } = this.read();
    const compared = compareAll(this.rules, this.meshes, kubernetes, this.options);
    const twice = duplicates(kubernetes?.objects ?? [], kubernetes?.inventory.disputed ?? [], texts);
    const errors = [...this.errors, ...placed([...problems, ...pluginProblems(this.kubernetes)], texts)];
    // What is large is read a second time for errors alone.
    const small = new Map([...texts].filter(([, text]) => text.length < LARGE));
    return {
      errors: arrange([...errors, ...twice.errors, ...compared.errors]),
      warnings: arrange([...twice.warnings, ...placed(compared.warnings, small)]),
    };
  }

  /** All Kubernetes files together; which cluster each is of, its name tells when the rules list the clusters. */
  private read(): { kubernetes: Kubernetes | undefined; problems: Problem[] } {
    if (this.kubernetes.length === 0) return { kubernetes: undefined, problems: [] };
    const clusters = [...new Set(this.rules.flatMap(({ value }) => value.clusters ?? []))];
    const domain = (this.rules[0]?.value as Policy | undefined)?.clusterDomain ?? "cluster.local";
    const files = this.kubernetes.map((one) => ({ ...one, cluster: clusterOf(one.file, clusters) }));
    const { inventory, objects, problems } = readInventory(files, clusters, domain);
    return { kubernetes: { inventory, objects }, problems };
  }
}

/** Each once, by file and place. */
function arranged(problems: Problem[], order: ReadonlyMap<string, number>): Problem[] {
  const distinct = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  const at = ({ file }: Problem) => order.get(file) ?? order.size;
  return [...distinct.values()].sort(
    (a, b) => at(a) - at(b) || (a.line ?? 0) - (b.line ?? 0) || (a.col ?? 0) - (b.col ?? 0),
  );
}
