import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rules.ts";
import { allowsAsk, disputedAsks, type Ask } from "./asks.ts";
import { kubernetesCallers, meshCallers, type CallerClass, type Target } from "./callers.ts";
import { requestClasses } from "./requests.ts";
import { Side, type Outcome } from "./side.ts";

export type { Ask } from "./asks.ts";
export type { Outcome } from "./side.ts";

/** What changes from one policy to another for the requests of a caller to a service. Plain data, fit for JSON. */
export interface Difference {
  cluster: string;
  /** `default/productpage-v1`, or a class of callers: `payments/*`, `any other caller`. */
  caller: string;
  /** `default/reviews:9080`. */
  service: string;
  /** Which of its requests: `GET /api*`; empty for all. */
  requests: string;
  /** Those that ask for this by an override's header; undefined for those that ask for nothing that they may. */
  asks: Ask | undefined;
  from: Outcome;
  to: Outcome;
  /** Other endpoints may answer than before, or in another order; otherwise only what is counted differs. */
  moves: boolean;
}

/**
 * Compares what two policies do with the requests of every caller to every service of an inventory. What the rules tell
 * apart (callers, paths, methods) is compared one by one, and so is each value of an override's header that only one of the
 * policies lets the caller use; of each that the two treat differently, the filter itself is asked.
 *
 * Throws QuestionError when the inventory has a cluster that one of the policies does not list.
 *
 * Where the two have different override headers, requests that carry both are not compared.
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
    const asks = disputedAsks(older, newer, caller.caller.namespace);
    return caller.targets.flatMap((target) => [
      ...compareRules(caller, target, sides),
      ...asks.flatMap((ask) => compareAsk(ask, caller, target, sides)),
    ]);
  });
}

function shared({ clusters }: Policy, newer: Policy): string[] {
  return clusters.filter((id) => newer.clusters.includes(id));
}

type Sides = readonly [Side, Side];

/** The requests that ask for nothing, where the rules of the two treat them differently. */
function compareRules(caller: CallerClass, target: Target, sides: Sides): Difference[] {
  const [older, newer] = sides;
  const patterns = [older.candidates(target, caller), newer.candidates(target, caller)] as const;
  if (older.meaning(patterns[0], caller) === newer.meaning(patterns[1], caller)) return [];
  const rules = [...older.rulesOf(patterns[0]), ...newer.rulesOf(patterns[1])];
  return compare(caller, target, sides, rules, undefined);
}

/** The requests that ask for what one of the two allows, and the other has its rules for. */
function compareAsk(ask: Ask, caller: CallerClass, target: Target, sides: Sides): Difference[] {
  const [older, newer] = sides;
  const ruled = allowsAsk(older.policy, caller.caller.namespace, ask) ? newer : older;
  return compare(caller, target, sides, ruled.rulesOf(ruled.candidates(target, caller)), ask);
}

/** @param rules what tells the requests apart */
function compare(
  caller: CallerClass,
  target: Target,
  [older, newer]: Sides,
  rules: readonly Rule[],
  asks: Ask | undefined,
): Difference[] {
  const requests = requestClasses(rules);
  const differences = requests.flatMap((request) => {
    const from = older.outcome(caller, target, request, asks);
    const to = newer.outcome(caller, target, request, asks);
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    return [
      {
        ...{ cluster: caller.cluster, caller: caller.name, service: target.name },
        ...{ requests: request.name, asks, from, to, moves: isElsewhere(from, to) },
      },
    ];
  });
  return differences.length === requests.length ? asOne(differences) : differences;
}

function isElsewhere(from: Outcome, to: Outcome): boolean {
  return whereOf(from) !== whereOf(to);
}

/** Where requests go, as a text: in which order counts only with `prefer`, and a share only where the rule pins. */
function whereOf({ decision, percent, clusters }: Outcome): string {
  const ordered = decision === "prefer" && clusters.length > 1;
  const pins = decision === "prefer" || decision === "strict";
  return JSON.stringify([ordered, ordered ? clusters : [...clusters].sort(), pins ? percent : undefined]);
}

/** Where all requests change alike, they are told as one. */
function asOne(differences: Difference[]): Difference[] {
  const [first] = differences;
  const alike = new Set(differences.map(({ from, to }) => JSON.stringify([from, to])));
  return first && alike.size === 1 ? [{ ...first, requests: "" }] : differences;
}
