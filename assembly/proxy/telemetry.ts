import { Mode } from "../core/config";
import { Decision, DECISIONS } from "../core/decision";
import { Literal, lit } from "../core/literal";
import { Pattern } from "../core/policy";
import { Text } from "../core/text";
import { LOG_WARN } from "./abi";
import {
  defineCounter,
  increment,
  log,
  logs,
  message,
  now,
  setResponseHeader,
  setProperty,
  words,
} from "./host";

/** Where a response came from. */
export enum Where {
  Local,
  Remote,
  /** No endpoint answered: a local reply such as 503. */
  None,
  /** An endpoint answered that does not say which cluster it is in. */
  Unknown,
}
const WHERE: StaticArray<Literal> = [lit("local"), lit("remote"), lit("none"), lit("unknown")];

/** One leak is told in the log for as long as this, in nanoseconds; the others are counted. */
const LEAK_LOG_INTERVAL: u64 = 10_000_000_000;

// Counters belong to the VM, not to a configuration: their names are the same for all. Defined on first use, so that a
// counter stands in /stats only where its event is possible.
const requests: StaticArray<u32> = new StaticArray<u32>(DECISIONS.length);
let forged: u32 = 0;
let overridden: u32 = 0;
let refused: u32 = 0;
let leaked: u32 = 0;
let leaksUntold: i32 = 0;
let leakToldAt: u64 = 0;

export function countDecision(decision: Decision): void {
  let counter = unchecked(requests[decision]);
  if (counter == 0) {
    counter = defineCounter(words.clear().add(lit("cluster_local.requests.")).add(DECISIONS[decision]));
    requests[decision] = counter;
  }
  increment(counter);
}

/** Counts a header of ours that a client sent. */
export function countForged(): void {
  if (forged == 0) forged = defineCounter(words.clear().add(lit("cluster_local.forged")));
  increment(forged);
}

/** Counts a request that asked for an override. */
export function countOverride(allowed: bool): void {
  if (allowed) {
    if (overridden == 0) overridden = defineCounter(words.clear().add(lit("cluster_local.override.allowed")));
    increment(overridden);
  } else {
    if (refused == 0) refused = defineCounter(words.clear().add(lit("cluster_local.override.refused")));
    increment(refused);
  }
}

/** Counts an observed request that would have failed, were its rule strict: the local cluster has no endpoint for it. */
export function countWithoutLocal(pattern: Pattern): void {
  let counter = pattern.withoutLocal;
  if (counter == 0) {
    counter = defineCounter(
      tagged(words.clear().add(lit("cluster_local.would_fail")), pattern, Decision.Observed),
    );
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
  let metrics = pattern.metrics;
  if (!metrics) {
    metrics = new StaticArray<u32>(2 * WHERE.length);
    pattern.metrics = metrics;
  }
  let counter = unchecked(metrics[slot]);
  if (counter == 0) {
    counter = defineCounter(
      tagged(words.clear().add(lit("cluster_local.upstream.")).add(WHERE[where]), pattern, decision),
    );
    metrics[slot] = counter;
  }
  increment(counter);
}

function tagged(name: Text, pattern: Pattern, decision: i32): Text {
  name.add(lit(".rule=.=")).bytes(pattern.label, pattern.labelSize);
  return name.add(lit(";.;mode=.=")).add(modeOf(pattern, decision)).add(lit(";.;"));
}

/** What was done, in the words of a rule's `mode`. */
function modeOf(pattern: Pattern, decision: i32): Literal {
  return pattern.asked ? lit("override") : unchecked(DECIDED[decision]);
}
const DECIDED: StaticArray<Literal> = [
  lit("untouched"),
  lit("strict"),
  lit("prefer"),
  lit("observe"),
  lit("off"),
];

/** A strict request was answered by another cluster: that must not happen, so it is counted and told. */
export function reportLeak(pattern: Pattern, served: usize, servedSize: i32): void {
  if (leaked == 0) leaked = defineCounter(words.clear().add(lit("cluster_local.leaked")));
  increment(leaked);
  leaksUntold++;
  const time = now();
  if (time - leakToldAt < LEAK_LOG_INTERVAL || !logs(LOG_WARN)) return;
  const text = message().number(leaksUntold).add(lit(" strict responses from another cluster, last "));
  text.bytes(served, servedSize).add(lit(", rule ")).bytes(pattern.label, pattern.labelSize);
  log(LOG_WARN, text);
  leakToldAt = time;
  leaksUntold = 0;
}

const STATE: Literal = lit("cluster_local");
const DECISION_HEADER: Literal = lit("x-cluster-local-decision");

/** Sets the filter state `wasm.cluster_local`, for access logs: `mode=strict;rule=default/reviews;where=local`. */
export function recordState(pattern: Pattern, decision: i32, where: Where): void {
  const text = words.clear().add(lit("mode=")).add(modeOf(pattern, decision)).add(lit(";rule="));
  text.bytes(pattern.label, pattern.labelSize).add(lit(";where=")).add(unchecked(WHERE[where]));
  setProperty(STATE, text.ptr, text.size);
}

/** Sets the debug header: `strict; rule=default/reviews; local=m1c1; served-by=m1c1`. */
export function showDecision(
  pattern: Pattern | null,
  decision: i32,
  local: ArrayBuffer,
  served: usize,
  servedSize: i32,
): void {
  const text = words.clear();
  if (pattern)
    text.add(modeOf(pattern, decision)).add(lit("; rule=")).bytes(pattern.label, pattern.labelSize);
  else text.add(lit("untouched"));
  text.add(lit("; local=")).bytes(changetype<usize>(local), local.byteLength).add(lit("; served-by="));
  if (servedSize > 0) text.bytes(served, min(servedSize, 253));
  else text.add(lit("none"));
  setResponseHeader(DECISION_HEADER, text.ptr, text.size);
}
