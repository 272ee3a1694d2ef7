import { formatPath } from "../input/path.ts";
import type { Source } from "../input/source.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import { compilePolicy } from "../policy/compile.ts";
import { PIN_HEADERS } from "../policy/extras.ts";
import { Matcher } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import { judge, type Judged } from "./considered.ts";
import { DestinationProbe, Filter, type Destination, type RequestFacts, type Verdict } from "./filter.ts";
import { kubernetesViews } from "./kubernetes-view.ts";
import { meshView } from "./mesh-view.ts";
import { readOrder } from "./order.ts";
import { checkQuestion, type Question } from "./question.ts";
import { shareOf, wholeShare, type Share } from "./share.ts";
import { summarize } from "./summary.ts";
import { NOTHING_KNOWN, type Followed, type Pin, type View } from "./view.ts";

export { QuestionError, type Question } from "./question.ts";

/** What becomes of a request, and why. Plain data, fit for JSON. */
export interface Explanation {
  /** In the filter's own word: `strict`, `prefer`, `observe`, `off`, `override` or `untouched`. */
  decision: string;
  /** The pattern that won, as written. */
  rule: string | undefined;
  /** Where it stands: `rules[0].services[1]`, and the place in the file where that is known. */
  where: string | undefined;
  /** Every pattern that names the host, in the order in which the filter asks them. */
  considered: Considered[];
  destination: {
    /** The whole name of the service; undefined for what the filter takes for no service of the mesh. */
    host: string | undefined;
    port: number | undefined;
    /** What told it: the Envoy cluster of the route, the virtual host, or the host that the caller wrote. */
    from: string;
  };
  headers: {
    set: [name: string, value: string][];
    /** What the caller sent under names that the filter owns. */
    removed: string[];
  };
  /** Of a rule with `percent`. */
  share: Share | undefined;
  route: Followed["route"];
  /** What the subset load balancer is asked for: the endpoints' metadata, or labels. */
  subset: Followed["subset"];
  endpoints: Followed["endpoints"];
  notes: string[];
  /** All of it in one sentence. */
  summary: string;
}

export interface Considered {
  pattern: string;
  where: string;
  mode: string;
  won: boolean;
  why: string;
}

/**
 * Explains what becomes of a request under a policy. The decision, the rule and the headers come from the shipped filter
 * itself, run here; why other patterns lost comes from the tools' own matching, which is held against the filter's answer.
 *
 * Throws QuestionError for a question that cannot be answered as it was put (an unknown cluster or caller), and FileError
 * or ENOENT where the filter is not built.
 *
 * @param inventory a mesh.yaml (parseMesh) or Kubernetes resources (readInventory): gives route and endpoints
 * @param source the file of the policy, for the places of its patterns
 */
export function explain(
  policy: Policy,
  question: Question,
  inventory?: Mesh | Inventory,
  source?: Source,
): Explanation {
  return new Explainer(policy, inventory, source).explain(question);
}

/** Answers many questions about one policy. */
export class Explainer {
  private readonly matcher: Matcher;
  private readonly filters = new Map<string, Filter>();
  private readonly probes = new Map<string, DestinationProbe>();
  private views: ReturnType<typeof kubernetesViews> | undefined;

  /**
   * See `explain`.
   *
   * @param routes look at VirtualServices, too: thousands of questions are answered sooner without
   */
  constructor(
    private readonly policy: Policy,
    private readonly inventory?: Mesh | Inventory,
    private readonly source?: Source,
    private readonly routes = true,
  ) {
    this.matcher = new Matcher(policy);
  }

  /** See `explain`. */
  explain(asked: Question): Explanation {
    const { policy } = this;
    checkQuestion(asked, policy);
    const view = this.viewOf(asked);
    const question = view.caller ? { ...asked, caller: view.caller } : asked;
    const facts = factsOf(question, view);
    const destination = this.probeOf(question).ask(facts);
    const judged = this.judge(question, destination);
    const share = shareOf(winnerOf(judged, this.matcher), facts.headers);
    const verdict =
      view.unfiltered === undefined
        ? this.filterOf(question, view, share?.known === false).ask(facts)
        : { ...NO_FILTER, evidence: destination.evidence };
    const considered = settle(judged, verdict, view, policy, this.matcher);
    const followed = view.follow(pinOf(verdict, facts));
    const winner = considered.find(({ won }) => won);
    const answer = {
      decision: verdict.decision,
      rule: verdict.rule,
      where: winner && this.placeOf(winner),
      considered: considered.map((one) => ({
        pattern: one.pattern.text,
        where: this.placeOf(one),
        mode: this.matcher.ruleOf(one.pattern).mode,
        won: one.won,
        why: one.why,
      })),
      destination: {
        // Two labels may be a service or an external host: that which the winner takes them for, or what was written.
        host: winner?.host ?? guessOf(question, destination) ?? destination.host,
        port: destination.port,
        from: fromWhat(destination, facts, policy),
      },
      headers: { set: verdict.set, removed: removedOf(verdict, facts) },
      share: winner && share,
      route: followed.route,
      subset: followed.subset,
      endpoints: followed.endpoints,
      notes: followed.notes,
    };
    const { unfiltered } = view;
    const about = { unfiltered, enabled: policy.enabled, followed };
    return { ...answer, summary: summarize(answer, question, about) };
  }

  private viewOf(question: Question): View {
    const { inventory, policy } = this;
    if (!inventory) return NOTHING_KNOWN;
    if ("callers" in inventory) return meshView(question, policy, inventory);
    this.views ??= kubernetesViews(policy, inventory, this.routes);
    return this.views(question);
  }

  private judge({ caller, host, method = "GET", path = "/" }: Question, destination: Destination): Judged[] {
    if (destination.host === undefined) return [];
    const asWritten = guessOf({ host }, destination);
    const asked = { host: destination.host, asWritten, caller, method, path };
    return judge(asked, this.matcher, this.policy.clusterDomain);
  }

  /** The filter of a caller's proxy; started once. */
  private filterOf(question: Question, { via }: View, wholeShares: boolean): Filter {
    const proxy = proxyOf(question);
    const key = JSON.stringify([proxy, via, wholeShares]);
    let filter = this.filters.get(key);
    if (!filter) {
      const config = compilePolicy(wholeShares ? wholeShare(this.policy) : this.policy);
      filter = new Filter({ ...config, pin: { via } }, proxy);
      this.filters.set(key, filter);
    }
    return filter;
  }

  private probeOf(question: Question): DestinationProbe {
    const proxy = proxyOf(question);
    const key = JSON.stringify(proxy);
    const probe = this.probes.get(key) ?? new DestinationProbe(this.policy, proxy);
    this.probes.set(key, probe);
    return probe;
  }

  private placeOf({ path }: Judged): string {
    const field = formatPath(path);
    const place = this.source?.problem({ path, message: "" });
    return place?.line === undefined ? field : `${field} (${place.file}:${place.line}:${place.col ?? 1})`;
  }
}

function proxyOf({ cluster, caller }: Question) {
  return { cluster, namespace: caller?.namespace, workload: caller?.workload };
}

function factsOf({ host, path = "/", method = "GET", headers = [] }: Question, view: View): RequestFacts {
  const given = headers
    .filter(([name]) => !view.edge || name.toLowerCase() !== "x-request-id")
    .map(([name, value]): [string, string] => [name, value]);
  return {
    ...view.facts,
    headers: [[":authority", host], [":path", path], [":method", method], ...given],
  };
}

const NO_FILTER = { decision: "untouched", rule: undefined, set: [], removed: [] };

function winnerOf(judged: readonly Judged[], matcher: Matcher) {
  const winner = judged.find(({ won }) => won);
  return winner && matcher.ruleOf(winner.pattern);
}

/** Holds what the tools make of the rules against what the filter said; they must agree, or one of them is wrong. */
function settle(judged: Judged[], verdict: Verdict, view: View, policy: Policy, matcher: Matcher): Judged[] {
  const lost = (why: string) => judged.map((one) => ({ ...one, won: false, why }));
  if (view.unfiltered !== undefined) return lost(view.unfiltered);
  if (!policy.enabled) return lost("the policy is switched off (enabled: false)");
  if (verdict.decision === "override") return lost("the request itself asked for where to go");
  const winner = judged.find(({ won }) => won)?.pattern;
  const mode = winner && matcher.ruleOf(winner).mode;
  const outside = verdict.decision === "off" && winner && matcher.ruleOf(winner).percent !== undefined;
  if (winner?.text !== verdict.rule || (winner && mode !== verdict.decision && !outside))
    throw new Error(
      `the filter says ${verdict.decision} by ${String(verdict.rule)}, the tools say ${String(mode)} by ${String(winner?.text)}: this is a bug`,
    );
  return judged;
}

function pinOf({ set, decision }: Verdict, { headers }: RequestFacts): Pin {
  const valueOf = (name: string) => set.find(([key]) => key === name)?.[1];
  const order = valueOf(PIN_HEADERS.order);
  return {
    cluster: valueOf(PIN_HEADERS.cluster),
    order: order === undefined ? undefined : readOrder(order),
    decision,
    headers: [...headers, ...set],
  };
}

/** What the filter removed, or wrote something else over. */
function removedOf({ set, removed }: Verdict, { headers }: RequestFacts): string[] {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  return [...removed, ...set.map(([name]) => name).filter((name) => given.has(name))];
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
