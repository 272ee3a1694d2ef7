import { Facts, inShare } from "./conditions";
import { Mode } from "./config";
import { Pattern, Policy } from "./policy";
import { Destination } from "./service";

/**
 * The pattern that governs a request to this destination, or null. A host that was completed by a guess is a service for
 * the patterns that name its namespace, and for all others what was written.
 */
export function govern(policy: Policy, destination: Destination, facts: Facts): Pattern | null {
  if (destination.hostSize == 0) return null;
  const found = policy.find(destination.host, destination.hostSize, destination.guessed, facts);
  if (found || !destination.guessed) return found;
  return policy.find(destination.asWritten, destination.asWrittenSize, false, facts);
}

/** What is done with the request: what the pattern's rule says, nothing for a request outside of its share. */
export function decide(pattern: Pattern, facts: Facts): Mode {
  return inShare(pattern.rule, facts) ? pattern.mode : Mode.Off;
}
