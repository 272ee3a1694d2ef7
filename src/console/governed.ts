import { hostOf } from "../inventory/model.ts";
import { isConditional } from "../policy/conditions.ts";
import { Matcher } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import type { Identity } from "./topology.ts";
import type { Governed } from "./view.ts";

/** Finds what a policy says of each proxy's requests to each service. */
export class Governor {
  readonly #matcher: Matcher | undefined;
  readonly #policy: Policy | undefined;

  /** Without a policy nothing is governed. */
  constructor(policy: Policy | undefined) {
    this.#policy = policy;
    this.#matcher = policy && new Matcher(policy);
  }

  of({ namespace, workload, filtered }: Identity, service: string): Governed {
    if (!filtered) return { mode: "unfiltered" };
    if (!this.#policy || !this.#matcher) return { mode: "none" };
    if (!this.#policy.enabled) return { mode: "disabled" };
    const [first, name] = service.split("/") as [string, string | undefined];
    const host = name === undefined ? first : hostOf({ namespace: first, name }, this.#policy.clusterDomain);
    const pattern = this.#matcher.candidates(host, { namespace, workload })[0];
    if (!pattern) return { mode: "none" };
    const rule = this.#matcher.ruleOf(pattern);
    const partly = isConditional(rule) || (rule.percent ?? 100) < 100;
    return { mode: rule.mode, rule: pattern.text, ...(partly && { partly }) };
  }
}
