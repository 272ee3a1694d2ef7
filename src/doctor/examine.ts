import type { ProxyState } from "../live/state/model.ts";
import type { Policy } from "../policy/policy.ts";
import { checkConfiguration } from "./checks/configuration.ts";
import { checkDrift } from "./checks/drift.ts";
import { checkEvidence } from "./checks/evidence.ts";
import { checkFailOpen } from "./checks/fail-open.ts";
import { checkFailover } from "./checks/failover.ts";
import { checkFilter } from "./checks/filter.ts";
import { checkLocalEndpoints } from "./checks/local.ts";
import { checkOrder } from "./checks/order.ts";
import { checkPanic } from "./checks/panic.ts";
import { checkRefused } from "./checks/refused.ts";
import { checkRoutes } from "./checks/routes.ts";
import { checkVersion } from "./checks/version.ts";
import { factsOf } from "./facts.ts";
import { LEVELS, type Diagnosis } from "./finding.ts";

export interface ExamineOptions {
  /** The Envoys that the filter was tested with, both included: `{from: "1.37", to: "1.40"}`. */
  supported: { from: string; to: string };
  /** What should run, and what messages call it. */
  policy?: { value: Policy; file: string } | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What is to be said of a proxy. Pure: all that it knows is in the state. */
export function examine(state: ProxyState, { supported, policy, now }: ExamineOptions): Diagnosis {
  const facts = factsOf(state, policy?.value);
  const findings = [
    ...checkFilter(facts),
    ...checkOrder(facts),
    ...checkConfiguration(facts, now),
    ...checkRefused(facts),
    ...(policy ? checkDrift(facts, policy.value, policy.file) : []),
    ...checkFailOpen(facts),
    ...checkRoutes(facts),
    ...checkPanic(facts),
    ...checkFailover(facts),
    ...checkLocalEndpoints(facts),
    ...checkEvidence(facts),
    ...checkVersion(facts, supported),
  ];
  const worstFirst = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  return { address: state.address, proxy: state.proxy, findings: worstFirst };
}
