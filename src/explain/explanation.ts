import type { Share } from "./share.ts";
import type { Followed } from "./view.ts";

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
  /**
   * Where the filter sends the request, as the filter state says it: `m1c1`, in this order `m1c1,m1c2`, or `*` for anywhere as
   * an override asked; undefined for a request that is not pinned.
   */
  pin: string | undefined;
  /** The override's header, where the caller sent it: the filter removes it. */
  removed: string[];
  /** Of a rule with `percent`. */
  share: Share | undefined;
  route: Followed["route"];
  /** Istio: the labels that endpoints of the subset have. */
  subset: Followed["subset"];
  endpoints: Followed["endpoints"];
  /** What Envoy answers by itself, no endpoint being asked: 404, 503, a redirect; undefined where one may answer. */
  status: number | undefined;
  /**
   * Where weights lead to several services: what becomes of each part of the requests. All else that stands here is of the
   * first part, the largest, but for `route`, `endpoints` and `notes`, which are those of all.
   */
  parts: ExplainedPart[] | undefined;
  notes: string[];
  /** All of it in one sentence. */
  summary: string;
}

/** A part of the requests. */
export interface ExplainedPart extends Pick<Explanation, "decision" | "rule" | "destination" | "status"> {
  /** Of all requests, from 0 to 1. */
  share: number;
}

export interface Considered {
  pattern: string;
  where: string;
  mode: string;
  won: boolean;
  why: string;
}
