import type { Readings } from "./envoys/rounds.ts";

/** Microseconds of CPU per request that a variant adds to an Envoy without a filter, round by round. */
export function added({ by }: Readings, name: string): number[] {
  return by[name]!.map(({ cpu }, round) => cpu - by.none![round]!.cpu);
}
