import { Facts, inShare } from "./conditions";
import { Mode } from "./config";
import { lit, Literal } from "./literal";
import { Pattern, Policy } from "./policy";
import { Destination, Source } from "./service";

/** What is done with a request. From `Retained` on in the order of `Mode`, so that one follows from the other. */
export enum Decision {
  /** No rule names its service: left alone, uncounted. */
  Untouched,
  /** Pinned to the local cluster (`strict`). */
  Retained,
  /** Local first, then the rule's order (`prefer`). */
  Preferred,
  /** Left alone, but counted (`observe`). */
  Observed,
  /** Left alone by a rule that excludes it (`off`), that is for a share without it, or by an override. */
  Bypassed,
}
export const DECISIONS: StaticArray<Literal> = [
  lit("untouched"),
  lit("retained"),
  lit("preferred"),
  lit("observed"),
  lit("bypassed"),
];

/**
 * The number of the pattern that governs a request to this destination, or -1. A host that was completed by a guess is a
 * service for the patterns that name its namespace, and for all others what was written.
 */
export function govern(policy: Policy, destination: Destination, facts: Facts): i32 {
  if (destination.source == Source.None) return -1;
  const found = policy.find(destination.host, destination.hostSize, destination.guessed, facts);
  if (found >= 0 || !destination.guessed) return found;
  return policy.find(destination.asWritten, destination.asWrittenSize, false, facts);
}

/** What the pattern's rule does with the request. */
export function decide(pattern: Pattern, facts: Facts): Decision {
  return inShare(pattern.rule, facts) ? decisionOf(pattern.mode) : Decision.Bypassed;
}

function decisionOf(mode: Mode): Decision {
  return <Decision>(<i32>mode + 1);
}
