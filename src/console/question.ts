import { QuestionError, type Explanation, type Question } from "../explain/index.ts";
import type { Source } from "../input/source.ts";
import { hostOf } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { ConsoleMesh } from "./mesh.ts";
import { Refused } from "./refused.ts";
import type { Arrow, ProxyView, Traffic } from "./view.ts";

/** Asks about the requests of an arrow. */
export interface ArrowQuestion {
  arrow: string;
  /** Default: for a gateway, that of a route which leads there; else `/`. */
  path?: string | undefined;
  /** Default: GET. */
  method?: string | undefined;
  /** What the request asks for by the override's header. */
  asks?: string | undefined;
}

/** The answer, with the request that it is about. */
export interface ArrowExplanation {
  arrow: string;
  request: { caller: string; host: string; path: string; method: string; asks?: string };
  /** What the caller may ask for, and by which header. */
  override?: { header: string; allow: string[] };
  explanation: Explanation;
}

/** Throws Refused. */
export function explainArrow(
  { arrow: id, path, method = "GET", asks }: ArrowQuestion,
  traffic: Traffic | undefined,
  mesh: ConsoleMesh,
  policy: Policy,
  source: Source,
): ArrowExplanation {
  const arrow = traffic?.arrows.find((arrow) => arrow.id === id);
  const proxy = traffic?.proxies.find(({ id }) => id === arrow?.proxy);
  if (!arrow || !proxy) throw new Refused(404, [`there is no such arrow: ${id}`]);
  const { cluster, namespace, workload } = proxy;
  const request = {
    caller: `${namespace}/${workload}`,
    host: hostIn(arrow, policy.clusterDomain),
    path: path ?? usualPath(arrow, proxy, mesh),
    method,
    ...(asks !== undefined && { asks }),
  };
  const { header, allow = [], from = [] } = (policy.enabled && policy.override) || {};
  const mayAsk = header !== undefined && from.some((one) => one.toLowerCase() === namespace.toLowerCase());
  const question: Question = {
    ...{ cluster, caller: { namespace, workload }, host: request.host, path: request.path, method },
    ...(header !== undefined && asks !== undefined && { headers: [[header, asks]] }),
  };
  try {
    const explanation = mesh.explain(policy, question, source);
    return { arrow: id, request, ...(mayAsk && { override: { header, allow } }), explanation };
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error;
    throw new Refused(422, [error.message]);
  }
}

function hostIn({ service, port }: Arrow, clusterDomain: string): string {
  const [namespace, name] = service.split("/") as [string, string | undefined];
  const host = name === undefined ? service : hostOf({ namespace, name }, clusterDomain);
  return port === undefined ? host : `${host}:${port}`;
}

/** A path that leads along the arrow: gateways choose by path. */
function usualPath({ service, cluster }: Arrow, { admin }: ProxyView, { topology }: ConsoleMesh): string {
  const caller = topology.proxies.find((proxy) => proxy.admin === admin)?.caller;
  const leads = (wanted: string | undefined) =>
    caller?.routes.find(({ to }) =>
      to.some((one) => `${one.service.namespace}/${one.service.name}` === service && one.cluster === wanted),
    );
  const route = leads(cluster) ?? leads(undefined);
  return route?.match.exact ?? route?.match.prefix ?? "/";
}
