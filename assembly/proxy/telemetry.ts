import { DECISIONS, Decision } from "../core/decision";
import { Mode } from "../core/config";
import { Pattern } from "../core/policy";
import { LOG_WARN, RESPONSE_HEADERS } from "./abi";
import { defineCounter, increment, log, logs, now, replaceHeader, setProperty } from "./host";

/** Where a response came from. */
export enum Where {
  Local,
  Remote,
  /** No endpoint answered: a local reply such as 503. */
  None,
  /** An endpoint answered that does not say which cluster it is in. */
  Unknown,
}
const WHERE: StaticArray<string> = ["local", "remote", "none", "unknown"];

/** One leak is told in the log for as long as this, in nanoseconds; the others are counted. */
const LEAK_LOG_INTERVAL: u64 = 10_000_000_000;

// Counters belong to the VM, not to a configuration: their names are the same for all. Defined on first use, so that a
// counter stands in /stats only where its event is possible.
const requests = new StaticArray<u32>(DECISIONS.length);
let forged: u32 = 0;
let overridden: u32 = 0;
let refused: u32 = 0;
let leaked: u32 = 0;
let leaksUntold: u32 = 0;
let leakToldAt: u64 = 0;

export function countDecision(decision: Decision): void {
  let counter = unchecked(requests[decision]);
  if (counter == 0) {
    counter = defineCounter("cluster_local.requests." + DECISIONS[decision]);
    requests[decision] = counter;
  }
  increment(counter);
}

/** Counts a header of ours that a client sent. */
export function countForged(): void {
  if (forged == 0) forged = defineCounter("cluster_local.forged");
  increment(forged);
}

/** Counts a request that asked for an override. */
export function countOverride(allowed: bool): void {
  if (allowed) {
    if (overridden == 0) overridden = defineCounter("cluster_local.override.allowed");
    increment(overridden);
  } else {
    if (refused == 0) refused = defineCounter("cluster_local.override.refused");
    increment(refused);
  }
}

/** Counts an observed request that would have failed, were its rule strict: the local cluster has no endpoint for it. */
export function countWithoutLocal(pattern: Pattern): void {
  let counter = pattern.withoutLocal;
  if (counter == 0) {
    counter = defineCounter("cluster_local.would_fail" + tags(pattern, Decision.Observed));
    pattern.withoutLocal = counter;
  }
  increment(counter);
}

/**
 * Counts a response by rule, mode and place. Envoy's Wasm stats have no labels, so they stand in the name, in the form that
 * Istio's stats tags extract (`name=.=value;.;`); the rule is the pattern as written, so configuration bounds their number.
 */
export function countResponse(pattern: Pattern, decision: i32, where: Where): void {
  // Outside of its rule's share, a request is counted under another mode than its rule's.
  const excluded = decision == Decision.Bypassed && pattern.mode != Mode.Off;
  const slot = excluded ? where + WHERE.length : where;
  let counter = unchecked(pattern.metrics[slot]);
  if (counter == 0) {
    counter = defineCounter("cluster_local.upstream." + WHERE[where] + tags(pattern, decision));
    pattern.metrics[slot] = counter;
  }
  increment(counter);
}

function tags(pattern: Pattern, decision: i32): string {
  const rule = String.UTF8.decodeUnsafe(pattern.label, pattern.labelSize);
  return ".rule=.=" + rule + ";.;mode=.=" + modeOf(pattern, decision) + ";.;";
}

/** What was done, in the words of a rule's `mode`. */
function modeOf(pattern: Pattern, decision: i32): string {
  return pattern.asked ? "override" : unchecked(DECIDED[decision]);
}
const DECIDED: StaticArray<string> = ["untouched", "strict", "prefer", "observe", "off"];

/** A strict request was answered by another cluster: that must not happen, so it is counted and told. */
export function reportLeak(pattern: Pattern, served: usize, servedSize: i32): void {
  if (leaked == 0) leaked = defineCounter("cluster_local.leaked");
  increment(leaked);
  leaksUntold++;
  const time = now();
  if (time - leakToldAt < LEAK_LOG_INTERVAL || !logs(LOG_WARN)) return;
  const rule = String.UTF8.decodeUnsafe(pattern.label, pattern.labelSize);
  const cluster = String.UTF8.decodeUnsafe(served, servedSize);
  log(
    LOG_WARN,
    leaksUntold.toString() + " strict responses from another cluster, last " + cluster + ", rule " + rule,
  );
  leakToldAt = time;
  leaksUntold = 0;
}

const STATE = String.UTF8.encode("cluster_local");
const DECISION_HEADER = String.UTF8.encode("x-cluster-local-decision");

/** Texts are put together here, piece by piece; every piece is bounded by the configuration's own limits. */
const text: usize = memory.data(2048);
let textSize: i32 = 0;

/** Sets the filter state `wasm.cluster_local`, for access logs: `mode=strict;rule=default/reviews;where=local`. */
export function recordState(pattern: Pattern, decision: i32, where: Where): void {
  textSize = 0;
  putLiteral("mode=");
  putLiteral(modeOf(pattern, decision));
  putLiteral(";rule=");
  put(pattern.label, pattern.labelSize);
  putLiteral(";where=");
  putLiteral(unchecked(WHERE[where]));
  setProperty(STATE, text, textSize);
}

/** Sets the debug header: `strict; rule=default/reviews; local=m1c1; served-by=m1c1`. */
export function showDecision(
  pattern: Pattern | null,
  decision: i32,
  local: ArrayBuffer,
  served: usize,
  servedSize: i32,
): void {
  textSize = 0;
  if (pattern) {
    putLiteral(modeOf(pattern, decision));
    putLiteral("; rule=");
    put(pattern.label, pattern.labelSize);
  } else putLiteral("untouched");
  putLiteral("; local=");
  put(changetype<usize>(local), local.byteLength);
  putLiteral("; served-by=");
  if (servedSize > 0) put(served, min(servedSize, 253));
  else putLiteral("none");
  replaceHeader(RESPONSE_HEADERS, DECISION_HEADER, text, textSize);
}

function put(ptr: usize, size: i32): void {
  memory.copy(text + textSize, ptr, size);
  textSize += size;
}

function putLiteral(literal: string): void {
  for (let i = 0; i < literal.length; i++) store<u8>(text + textSize + i, <u8>literal.charCodeAt(i));
  textSize += literal.length;
}
