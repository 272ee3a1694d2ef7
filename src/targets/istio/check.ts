import { isEqual } from "../../inventory/kubernetes/digest.ts";
import { titleOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { REVISION } from "../../istio/revisions.ts";
import { titleOfResource, type Resource } from "./resource.ts";

/** A resource that is applied otherwise than it would be generated now. */
export interface Drift {
  title: string;
  drift: "missing" | "differs" | "not needed";
}

/** Compares what would be generated with what there is of ours; sorted by what it is about. */
export function driftOf(wanted: readonly Resource[], applied: readonly KubeObject[]): Drift[] {
  const there = new Map(applied.map((one) => [titleOf(one), one]));
  const titles = new Set(wanted.map(titleOfResource));
  const drifts = wanted.flatMap((resource): Drift[] => {
    const title = titleOfResource(resource);
    const one = there.get(title);
    if (!one) return [{ title, drift: "missing" }];
    const same =
      isEqual(one.spec, plain(resource.spec)) && one.labels[REVISION] === resource.metadata.labels[REVISION];
    return same ? [] : [{ title, drift: "differs" }];
  });
  const extra = [...there.keys()].filter((title) => !titles.has(title));
  return [...drifts, ...extra.map((title): Drift => ({ title, drift: "not needed" }))].sort((a, b) =>
    a.title < b.title ? -1 : 1,
  );
}

/** As it would be after it was written and read. */
function plain(spec: Resource["spec"]): unknown {
  return JSON.parse(JSON.stringify(spec));
}
