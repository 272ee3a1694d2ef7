import { Explainer, type Explanation, type Question } from "../explain/index.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import { Matcher } from "../policy/match.ts";
import type { WrittenPattern } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rules.ts";
import type { Ask } from "./asks.ts";
import type { CallerClass, Target } from "./callers.ts";
import type { RequestClass } from "./requests.ts";

/** What becomes of a request under one of the policies. */
export interface Outcome {
  /** See Explanation. */
  decision: string;
  rule: string | undefined;
  /** Of a rule with percent: that many of the requests; the others are left alone. */
  percent: number | undefined;
  /** The clusters whose endpoints may answer; with `prefer`, in that order. None: 503, or no such route. */
  clusters: string[];
}

/** One of the two policies. */
export class Side {
  private readonly matcher: Matcher;
  private readonly explainer: Explainer;

  constructor(
    readonly policy: Policy,
    inventory: Mesh | Inventory,
  ) {
    this.matcher = new Matcher(policy);
    this.explainer = new Explainer(policy, inventory, undefined, false);
  }

  candidates({ service }: Target, { caller }: CallerClass): WrittenPattern[] {
    return this.policy.enabled ? this.matcher.candidates(service, caller) : [];
  }

  rulesOf(patterns: readonly WrittenPattern[]): Rule[] {
    return patterns.map((pattern) => this.matcher.ruleOf(pattern));
  }

  /** What these patterns do, as a text: where it is the same, no request is treated otherwise. */
  meaning(patterns: readonly WrittenPattern[], { cluster }: CallerClass): string {
    return JSON.stringify(
      patterns.map((pattern) => {
        const { mode, order, paths, methods, percent, sticky } = this.matcher.ruleOf(pattern);
        const others = (order ?? this.policy.clusters).filter((id) => id !== cluster);
        return [pattern.text, mode, mode === "prefer" ? others : [], paths, methods, percent ?? 100, sticky];
      }),
    );
  }

  outcome(
    { cluster, caller }: CallerClass,
    { host, path: route }: Target,
    { method, path }: RequestClass,
    ask: Ask | undefined,
  ): Outcome {
    const headers: Question["headers"] = ask && [[ask.header, ask.value]];
    const question: Question = { cluster, caller, host, method, path: route ?? path, headers };
    return this.outcomeOf(this.explainer.explain(question));
  }

  private outcomeOf({ decision, rule, share, endpoints, pin }: Explanation): Outcome {
    const { allowed, excluded } = endpoints;
    const unknown = allowed.length + excluded.length === 0;
    // Where no endpoints are known, there may be some in each cluster.
    const reached = pin === undefined || pin === "*" ? this.policy.clusters : pin.split(",");
    const clusters = unknown ? reached : allowed.map((endpoint) => endpoint.cluster);
    return { decision, rule, percent: share?.percent, clusters: [...new Set(clusters)] };
  }
}
