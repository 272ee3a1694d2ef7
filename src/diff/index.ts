import { Explainer, type Explanation, type Question } from "../explain/index.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import { Matcher } from "../policy/match.ts";
import type { WrittenPattern } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { kubernetesCallers, meshCallers, type CallerClass, type Target } from "./callers.ts";
import { requestClasses, type RequestClass } from "./requests.ts";

/** What changes from one policy to another for the requests of a caller to a service. Plain data, fit for JSON. */
export interface Difference {
  cluster: string;
  /** `default/productpage-v1`, or a class of callers: `payments/*`, `any other caller`. */
  caller: string;
  /** `default/reviews:9080`. */
  service: string;
  /** Which of its requests: `GET /api*`; empty for all. */
  requests: string;
  from: Outcome;
  to: Outcome;
  /** Other endpoints may answer than before, or in another order; otherwise only what is counted differs. */
  moves: boolean;
}

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

/**
 * Compares what two policies do with the requests of every caller to every service of an inventory. What the rules tell
 * apart (callers, paths, methods) is compared one by one; of each that the two treat differently, the filter itself is asked.
 *
 * Throws QuestionError when the inventory has a cluster that one of the policies does not list.
 *
 * An override is not compared: it depends on a header of the request.
 *
 * @param busy is told how far it is
 */
export function diff(
  older: Policy,
  newer: Policy,
  inventory: Mesh | Inventory,
  busy: (doing: string) => void = () => undefined,
): Difference[] {
  const sides = [new Side(older, inventory), new Side(newer, inventory)] as const;
  const callers =
    "callers" in inventory
      ? meshCallers(inventory, newer.clusterDomain)
      : kubernetesCallers(inventory, [older, newer], shared(older, newer));
  return callers.flatMap((caller) => {
    busy(`comparing ${caller.name} in ${caller.cluster}`);
    return caller.targets.flatMap((target) => compare(caller, target, sides));
  });
}

function shared({ clusters }: Policy, newer: Policy): string[] {
  return clusters.filter((id) => newer.clusters.includes(id));
}

function compare(caller: CallerClass, target: Target, [older, newer]: readonly [Side, Side]): Difference[] {
  const patterns = [older.candidates(target, caller), newer.candidates(target, caller)] as const;
  if (older.meaning(patterns[0], caller) === newer.meaning(patterns[1], caller)) return [];
  const rules = [
    ...patterns[0].map((one) => older.ruleOf(one)),
    ...patterns[1].map((one) => newer.ruleOf(one)),
  ];
  const requests = requestClasses(rules);
  const differences = requests.flatMap((request) => {
    const from = older.outcome(caller, target, request);
    const to = newer.outcome(caller, target, request);
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    const moves = from.percent !== to.percent || from.clusters.join() !== to.clusters.join();
    return [
      {
        ...{ cluster: caller.cluster, caller: caller.name, service: target.name, requests: request.name },
        ...{ from, to, moves },
      },
    ];
  });
  return differences.length === requests.length ? asOne(differences) : differences;
}

/** Where all requests change alike, they are told as one. */
function asOne(differences: Difference[]): Difference[] {
  const [first] = differences;
  const alike = new Set(differences.map(({ from, to }) => JSON.stringify([from, to])));
  return first && alike.size === 1 ? [{ ...first, requests: "" }] : differences;
}

/** One of the two policies. */
class Side {
  private readonly matcher: Matcher;
  private readonly explainer: Explainer;

  constructor(
    private readonly policy: Policy,
    inventory: Mesh | Inventory,
  ) {
    this.matcher = new Matcher(policy);
    this.explainer = new Explainer(policy, inventory, undefined, false);
  }

  candidates({ service }: Target, { caller }: CallerClass): WrittenPattern[] {
    return this.policy.enabled ? this.matcher.candidates(service, caller) : [];
  }

  ruleOf(pattern: WrittenPattern) {
    return this.matcher.ruleOf(pattern);
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

  outcome({ cluster, caller }: CallerClass, { host, path: route }: Target, request: RequestClass): Outcome {
    const { method, path } = request;
    const question: Question = { cluster, caller, host, method, path: route ?? path };
    return this.outcomeOf(this.explainer.explain(question), cluster);
  }

  private outcomeOf({ decision, rule, share, endpoints }: Explanation, cluster: string): Outcome {
    const { allowed, excluded } = endpoints;
    const unknown = allowed.length + excluded.length === 0;
    // Where no endpoints are known, there may be some in each cluster.
    const reached = decision === "strict" ? [cluster] : this.policy.clusters;
    const clusters = unknown ? reached : allowed.map((endpoint) => endpoint.cluster);
    return { decision, rule, percent: share?.percent, clusters: [...new Set(clusters)] };
  }
}
