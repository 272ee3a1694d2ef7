import type { Source } from "../input/source.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import { inRevision } from "../istio/revisions.ts";
import type { Policy } from "../policy/policy.ts";
import type { Judged } from "./considered.ts";
import type { Explanation } from "./explanation.ts";
import { DestinationProbe, type Destination, type RequestFacts, type Verdict } from "./filter.ts";
import { optionsFrom, type ExplainOptions } from "./istio-resources.ts";
import type { IstioOptions } from "../targets/istio/options.ts";
import { kubernetesViews } from "./kubernetes-view.ts";
import { meshView } from "./mesh-view.ts";
import { together, type Part } from "./parts.ts";
import { checkQuestion, type Question } from "./question.ts";
import { shareOf } from "./share.ts";
import { Side } from "./side.ts";
import { summarize } from "./summary.ts";
import { NOTHING_KNOWN, type CallersRules, type Followed, type Pin, type View, type Way } from "./view.ts";

export type { Considered, ExplainedPart, Explanation } from "./explanation.ts";
export type { ExplainOptions } from "./istio-resources.ts";
export { QuestionError, type Question } from "./question.ts";

/**
 * Explains what becomes of a request under a policy. The decision, the rule and the pin come from the shipped filter
 * itself, run here; why other patterns lost comes from the tools' own matching, which is held against the filter's answer.
 *
 * Throws QuestionError for a question that cannot be answered as it was put (an unknown cluster or caller), and FileError
 * or ENOENT where the filter is not built.
 *
 * @param inventory a mesh.yaml (parseMesh) or Kubernetes resources (readInventory): gives route and endpoints
 * @param source the file of the policy, for the places of its patterns
 * @param options Kubernetes resources: as for `generate istio`
 */
export function explain(
  policy: Policy,
  question: Question,
  inventory?: Mesh | Inventory,
  source?: Source,
  options?: ExplainOptions,
): Explanation {
  return new Explainer(policy, inventory, source, true, options).explain(question);
}

/** Answers many questions about one policy. */
export class Explainer {
  private readonly side: Side;
  /** With the rules of other callers. */
  private readonly sides = new Map<CallersRules, Side>();
  private readonly probes = new Map<string, DestinationProbe>();
  private readonly options: IstioOptions;
  private readonly inventory: Mesh | Inventory | undefined;
  private views: ReturnType<typeof kubernetesViews> | undefined;

  /**
   * See `explain`.
   *
   * @param routes look at VirtualServices, too: thousands of questions are answered sooner without
   */
  constructor(
    private readonly policy: Policy,
    inventory?: Mesh | Inventory,
    private readonly source?: Source,
    private readonly routes = true,
    options?: ExplainOptions,
  ) {
    this.options = optionsFrom(options);
    this.inventory = inventory && "pods" in inventory ? inRevision(inventory, options?.revision) : inventory;
    this.side = new Side(policy, source);
  }

  /** See `explain`. */
  explain(asked: Question): Explanation {
    checkQuestion(asked, this.policy);
    const view = this.viewOf(asked);
    const question = view.caller ? { ...asked, caller: view.caller } : asked;
    const headers = headersOf(question, view);
    return together(view.ways(headers).flatMap((way) => this.along(way, question, view, headers)));
  }

  /** What becomes of the requests that take one way. */
  private along(way: Way, question: Question, view: View, headers: Headers): Part[] {
    const side = this.sideOf(view);
    const { policy } = side;
    const facts: RequestFacts = { ...way.facts, headers };
    const destination = this.probeOf(question).ask(facts);
    const judged = judgeBy(side, question, destination);
    const share = shareOf(winnerOf(judged, side), headers);
    const unfiltered = view.unfiltered ?? view.leftOut?.(destination.host ?? "");
    const verdict =
      unfiltered === undefined
        ? side.filterOf(proxyOf(question), share?.known === false).ask(facts)
        : { ...NO_FILTER, evidence: destination.evidence };
    const considered = settle(judged, verdict, unfiltered, side);
    const followed = way.follow(pinOf(verdict));
    const winner = considered.find(({ won }) => won);
    const answer = {
      decision: verdict.decision,
      rule: verdict.rule,
      where: winner && side.placeOf(winner),
      considered: considered.map((one) => ({
        pattern: one.pattern.text,
        where: side.placeOf(one),
        mode: side.ruleOf(one.pattern).mode,
        won: one.won,
        why: one.why,
      })),
      destination: {
        // Two labels may be a service or an external host: that which the winner takes them for, or what was written.
        host: winner?.host ?? guessOf(question, destination) ?? destination.host,
        port: destination.port,
        from: fromWhat(destination, facts, policy),
      },
      pin: verdict.pin,
      removed: verdict.removed.filter((name) => headers.some(([sent]) => sent.toLowerCase() === name)),
      share: winner && share,
      route: followed.route,
      subset: followed.subset,
      endpoints: followed.endpoints,
      status: statusOf(followed),
      parts: undefined,
      notes: [...followed.notes, ...strays(verdict, followed)],
    };
    const spared = winner && side.isAdded(winner.pattern) ? winner.why : undefined;
    const part = (share: number, own: typeof answer, followed: Followed): Part => {
      const about = { unfiltered: unfiltered ?? spared, enabled: policy.enabled, followed };
      return { share, answer: { ...own, summary: summarize(own, question, about) } };
    };
    const { refused = 0 } = followed;
    if (refused === 0 || refused === 1) return [part(way.share, answer, followed)];
    const none = { ...followed, endpoints: { allowed: [], excluded: followed.endpoints.excluded } };
    return [
      part(way.share * (1 - refused), answer, followed),
      part(way.share * refused, { ...answer, endpoints: none.endpoints, status: 503 }, none),
    ];
  }

  private viewOf(question: Question): View {
    const { inventory, policy } = this;
    if (!inventory) return NOTHING_KNOWN;
    if ("callers" in inventory) return meshView(question, policy, inventory);
    this.views ??= kubernetesViews(policy, inventory, this.options, this.routes);
    return this.views(question);
  }

  private sideOf({ rules }: View): Side {
    if (!rules) return this.side;
    const side = this.sides.get(rules) ?? new Side(this.policy, this.source, rules);
    this.sides.set(rules, side);
    return side;
  }

  private probeOf(question: Question): DestinationProbe {
    const proxy = proxyOf(question);
    const key = JSON.stringify(proxy);
    const probe = this.probes.get(key) ?? new DestinationProbe(this.policy, proxy);
    this.probes.set(key, probe);
    return probe;
  }
}

type Headers = RequestFacts["headers"];

/** Where the routes do not do what the filter asks for. */
function strays({ pin }: Verdict, { endpoints, unknown }: Followed): string[] {
  if (pin === undefined || pin === "*" || unknown === true) return [];
  const wanted = pin.split(",");
  const others = [...new Set(endpoints.allowed.map(({ cluster }) => cluster))].filter(
    (one) => !wanted.includes(one),
  );
  return others.length === 0
    ? []
    : [`its route does not keep it in ${wanted.join(", ")}: it may go to ${others.join(", ")}`];
}

function judgeBy(
  side: Side,
  { host, caller, method = "GET", path = "/" }: Question,
  destination: Destination,
): Judged[] {
  if (destination.host === undefined) return [];
  const asWritten = guessOf({ host }, destination);
  return side.judge({ host: destination.host, asWritten, caller, method, path });
}

function proxyOf({ cluster, caller }: Question) {
  return { cluster, namespace: caller?.namespace, workload: caller?.workload };
}

function headersOf({ host, path = "/", method = "GET", headers = [] }: Question, view: View): Headers {
  const given = headers
    .filter(([name]) => !view.edge || name.toLowerCase() !== "x-request-id")
    .map(([name, value]): [string, string] => [name, value]);
  return [[":authority", host], [":path", path], [":method", method], [":scheme", "http"], ...given];
}

/** What Envoy answers by itself; undefined where an endpoint may answer, and where that is not known. */
function statusOf({ unrouted, status, route, unknown, endpoints }: Followed): number | undefined {
  if (unrouted === true) return 404;
  const none = route !== undefined && unknown !== true && endpoints.allowed.length === 0;
  return status ?? (none ? 503 : undefined);
}

const NO_FILTER = { decision: "untouched", rule: undefined, pin: undefined, removed: [] };

function winnerOf(judged: readonly Judged[], side: Side) {
  const winner = judged.find(({ won }) => won);
  return winner && side.ruleOf(winner.pattern);
}

/** Holds what the tools make of the rules against what the filter said; they must agree, or one of them is wrong. */
function settle(judged: Judged[], verdict: Verdict, unfiltered: string | undefined, side: Side): Judged[] {
  const lost = (why: string) => judged.map((one) => ({ ...one, won: false, why }));
  if (unfiltered !== undefined) return lost(unfiltered);
  if (!side.policy.enabled) return lost("the policy is switched off (enabled: false)");
  if (verdict.decision === "override") return lost("the request itself asked for where to go");
  const winner = judged.find(({ won }) => won)?.pattern;
  const mode = winner && side.ruleOf(winner).mode;
  const outside = verdict.decision === "off" && winner && side.ruleOf(winner).percent !== undefined;
  if (winner?.text !== verdict.rule || (winner && mode !== verdict.decision && !outside))
    throw new Error(
      `the filter says ${verdict.decision} by ${String(verdict.rule)}, the tools say ${String(mode)} by ${String(winner?.text)}: this is a bug`,
    );
  return judged;
}

function pinOf({ pin, decision }: Verdict): Pin {
  return { decision, value: pin, clusters: pin === undefined || pin === "*" ? undefined : pin.split(",") };
}

/** What the caller wrote, where it has two labels and nothing else told the destination; undefined elsewhere. */
function guessOf({ host }: Pick<Question, "host">, { evidence }: Destination): string | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  return evidence === "authority" && name.split(".").length === 2 ? name : undefined;
}

function fromWhat({ evidence }: Destination, facts: RequestFacts, { names = {} }: Policy): string {
  if (evidence === "authority") return "the host that the caller wrote";
  if (evidence === "virtual host") return `the virtual host ${facts.virtualHost ?? ""}`;
  const name = facts.envoyCluster ?? "";
  const named = Object.keys(names).find((key) => key.toLowerCase() === name.toLowerCase());
  return `the route's Envoy cluster ${name}${named === undefined ? "" : ", by the policy's names"}`;
}
