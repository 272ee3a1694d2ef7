import { Mode } from "../core/config";
import { Literal, lit } from "../core/literal";
import { defineCounter, increment, words } from "./host";

/** The counters, without `cluster_local.`: of requests by `Mode`, then of overrides. */
const NAMES: StaticArray<Literal> = [
  lit("requests.retained"),
  lit("requests.preferred"),
  lit("requests.observed"),
  lit("requests.bypassed"),
  lit("override.allowed"),
  lit("override.refused"),
];

/**
 * Their ids. They belong to the VM, not to a configuration: the names are the same for all. Defined on first use, so that
 * a counter stands in /stats only where its event is possible.
 */
const ids: StaticArray<u32> = new StaticArray<u32>(NAMES.length);

export function countDecision(mode: Mode): void {
  count(mode);
}

/** Counts a request that asked for an override. */
export function countOverride(allowed: bool): void {
  count(allowed ? 4 : 5);
}

function count(counter: i32): void {
  let id = unchecked(ids[counter]);
  if (id == 0) {
    id = defineCounter(words.clear().add(lit("cluster_local.")).add(unchecked(NAMES[counter])));
    unchecked((ids[counter] = id));
  }
  increment(id);
}
