import type { Readings } from "./envoys/rounds.ts";
import type { Name } from "./envoys/variants.ts";

/** Microseconds of CPU per request that a variant adds to an Envoy without a filter, round by round. */
export function added({ by }: Readings<Name>, name: Name): number[] {
  return by[name].map(({ cpu }, round) => cpu - by.none[round]!.cpu);
}
