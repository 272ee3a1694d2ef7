import { readFast, resolveCore } from "../input/fast-yaml.ts";
import { Lines } from "../input/lines.ts";
import type { Path } from "../input/path.ts";
import type { Problem } from "../input/problem.ts";
import { fieldsOf, itemsOf, textOf } from "../input/loose.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";

/**
 * Problems of Kubernetes objects with the place of the field that their path ends with: `VirtualService default/reviews:
 * spec.http[0]`. Where the text is not plain YAML or JSON, they stay without.
 */
export function placed(problems: readonly Problem[], texts: ReadonlyMap<string, string>): Problem[] {
  const places = new Map<string, (path: string) => Partial<Problem>>();
  return problems.map((problem) => {
    const text = texts.get(problem.file);
    if (problem.line !== undefined || text === undefined) return problem;
    const find = places.get(problem.file) ?? placesIn(text);
    places.set(problem.file, find);
    return { ...problem, ...find(problem.path) };
  });
}

/** Where objects stand. The texts of these are read again, once. */
export class Places {
  private readonly known = new Map<string, ReturnType<typeof documentsOf>>();

  private ordinals: Map<KubeObject, number> | undefined;

  constructor(
    private readonly texts: ReadonlyMap<string, string>,
    private readonly all: readonly KubeObject[],
  ) {}

  /** Line and column of an object among all; undefined where its text is not plain YAML or JSON. */
  of(object: KubeObject): { line: number; col: number } | undefined {
    const text = this.texts.get(object.file);
    if (text === undefined) return undefined;
    const title = titleOf(object);
    const found = this.known.get(object.file) ?? documentsOf(text);
    this.known.set(object.file, found);
    this.ordinals ??= ordinalsOf(this.all);
    return found.placesOf(title)[this.ordinals.get(object) ?? 0];
  }
}

/** Which of those of one name in a file each object is, from 0. */
function ordinalsOf(objects: readonly KubeObject[]): Map<KubeObject, number> {
  const counts = new Map<string, number>();
  return new Map(
    objects.map((one) => {
      const key = `${one.file} ${titleOf(one)}`;
      const ordinal = counts.get(key) ?? 0;
      counts.set(key, ordinal + 1);
      return [one, ordinal];
    }),
  );
}

function documentsOf(text: string) {
  const documents = readFast(text, resolveCore) ?? [];
  const lines = new Lines(text);
  const inside = (title: string) =>
    documents.flatMap(({ value, find }) => whereIn(value, title).map((path) => ({ path, find })));
  return {
    inside,
    lines,
    placesOf: (title: string) =>
      inside(title).map(({ path, find }) => {
        const place = find(path);
        return place && lines.position(place.at);
      }),
  };
}

function placesIn(text: string): (path: string) => Partial<Problem> {
  const { inside, lines } = documentsOf(text);
  return (written) => {
    const [title, field = ""] = written.split(": ") as [string, string?];
    for (const { path: outer, find } of inside(title)) {
      const path = [...outer, ...partsOf(field)];
      for (let size = path.length; size >= outer.length; size--) {
        const place = find(path.slice(0, size));
        if (place) return lines.position(place.at);
      }
    }
    return {};
  };
}

/** Where objects of this title are in a document: all of it, or items of a list. */
function whereIn(value: unknown, title: string): Path[] {
  const { kind, items } = fieldsOf(value);
  if (!textOf(kind)?.endsWith("List")) return isTitled(value, title) ? [[]] : [];
  return itemsOf(items).flatMap((item, index) => (isTitled(item, title) ? [["items", index]] : []));
}

function isTitled(value: unknown, title: string): boolean {
  const { kind, metadata } = fieldsOf(value);
  const { name, namespace } = fieldsOf(metadata);
  const [text, own] = [textOf(kind), textOf(name)];
  if (text === undefined || own === undefined) return false;
  return titleOf({ kind: text, name: own, namespace: textOf(namespace) ?? "default" }) === title;
}

/** `spec.http[0]` taken apart. */
function partsOf(field: string): Path {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
}
