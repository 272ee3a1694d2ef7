import type { Policy } from "../policy/policy.ts";
import type { RequestFacts } from "./filter.ts";
import type { Question } from "./question.ts";

/** Where the requests of a caller may go at all. */
export interface View {
  /** The caller as its proxy's node metadata has it, where the question calls it otherwise. */
  caller?: Question["caller"];
  /** Why the filter does not look at the request at all, in words; undefined where it does. */
  unfiltered?: string | undefined;
  /** Why the requests for a host are left alone, whatever rules say. */
  leftOut?: ((host: string) => string | undefined) | undefined;
  /** The rules that the caller's proxy has, where they are not those of the policy. */
  rules?: CallersRules | undefined;
  /**
   * It is at the edge of the mesh: what a client sends as x-request-id, it replaces before the filter sees it
   * (envoy/http/request_id_extension.h, set with edge_request).
   */
  edge: boolean;
  /** The ways of a request with these headers, as it comes to the filter; one, unless weights divide them. */
  ways: (headers: RequestFacts["headers"]) => Way[];
}

/** Rules that the generator puts between those of the policy for some callers. */
export interface CallersRules {
  rules: Policy["rules"];
  /** For each, the index of the policy's rule that it stands for. */
  origin: readonly number[];
  /** Why one that is not the policy's own wins, in words. */
  why: string;
}

/** One way of a request. */
export interface Way {
  /** What the proxy knows before the filter is asked. */
  facts: Pick<RequestFacts, "envoyCluster" | "virtualHost">;
  /** Which part of the requests takes it; all ways together are 1. */
  share: number;
  /** The route and subset that the request leads to, once it is known what the filter sets. */
  follow: (pin: Pin) => Followed;
}

/** What the filter asks for. */
export interface Pin {
  /** See Explanation. */
  decision: string;
  /** See Explanation. */
  value: string | undefined;
  /** The clusters that it lists, in order; undefined where the request may go anywhere. */
  clusters: readonly string[] | undefined;
}

/** What an inventory tells of the way of a request. */
export interface Followed {
  route?: RouteTaken | undefined;
  subset?: Record<string, string> | undefined;
  endpoints: { allowed: EndpointTold[]; excluded: ExcludedEndpoint[] };
  /** Nothing is known of the endpoints, so that none are told. */
  unknown?: boolean;
  /** That part of these requests, from 0 to 1, for which the route has no endpoint: Envoy answers 503. */
  refused?: number;
  /** No route takes the request: Envoy answers 404. */
  unrouted?: boolean;
  /** What the route answers by itself: a direct response, a redirect, a fault. */
  status?: number;
  /** What else there is to know. */
  notes: string[];
}

/** The route of the proxy that takes the request. */
export interface RouteTaken {
  /** The virtual host of an Envoy, or the resource that the route stands in. */
  in: string;
  /** The name of the Envoy cluster, as its statistics call it. Several where weights divide the requests. */
  envoyClusters: string[];
}

/** An endpoint of the service. */
export interface EndpointTold {
  cluster: string;
  /** `address:port`. */
  address: string;
  labels?: Readonly<Record<string, string>> | undefined;
  /** With `prefer`: 1 is tried first, 2 where no endpoint of 1 is healthy, and so on. */
  turn?: number | undefined;
}

/** An endpoint that the request may not reach. */
export interface ExcludedEndpoint extends EndpointTold {
  why: string;
}

/** Divides the endpoints of a service by the pin. */
export function divide(endpoints: readonly EndpointTold[], { clusters }: Pin): Followed["endpoints"] {
  const allowed: EndpointTold[] = [];
  const excluded: ExcludedEndpoint[] = [];
  for (const endpoint of endpoints) {
    const turn = clusters?.indexOf(endpoint.cluster);
    if (turn === undefined) allowed.push(endpoint);
    else if (turn >= 0) allowed.push({ ...endpoint, ...(clusters!.length > 1 && { turn: turn + 1 }) });
    else
      excluded.push({
        ...endpoint,
        why: `in ${endpoint.cluster}; the request is pinned to ${clusters!.join(", ")}`,
      });
  }
  allowed.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0));
  return { allowed, excluded };
}

/** Without an inventory: only what the caller writes is known. */
export const NOTHING_KNOWN: View = {
  edge: false,
  ways: () => [
    {
      facts: {},
      share: 1,
      follow: () => ({
        endpoints: { allowed: [], excluded: [] },
        notes: ["without --inventory neither the route nor the endpoints are known"],
      }),
    },
  ],
};
