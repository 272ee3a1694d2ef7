import { readFast, resolveCore } from "../input/fast-yaml.ts";
import { Lines } from "../input/lines.ts";
import type { Path } from "../input/path.ts";
import type { Problem } from "../input/problem.ts";
import { fieldsOf, itemsOf, textOf } from "../input/loose.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";

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

function placesIn(text: string): (path: string) => Partial<Problem> {
  const documents = readFast(text, resolveCore) ?? [];
  const lines = new Lines(text);
  return (written) => {
    const [title, field = ""] = written.split(": ") as [string, string?];
    for (const { value, find } of documents) {
      const inside = whereIn(value, title);
      if (!inside) continue;
      const path = [...inside, ...partsOf(field)];
      for (let size = path.length; size >= inside.length; size--) {
        const place = find(path.slice(0, size));
        if (place) return lines.position(place.at);
      }
    }
    return {};
  };
}

/** Where the object of this title is in a document: all of it, or an item of a list. */
function whereIn(value: unknown, title: string): Path | undefined {
  const { kind, items } = fieldsOf(value);
  if (!textOf(kind)?.endsWith("List")) return isTitled(value, title) ? [] : undefined;
  const index = itemsOf(items).findIndex((item) => isTitled(item, title));
  return index < 0 ? undefined : ["items", index];
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
