import type { Mode } from "../policy/rules.ts";

/** What the server tells the page: plain JSON, sent as Server-Sent Events of these names. */
export interface Events {
  /** Once a second. */
  traffic: Traffic;
  /** At first, and whenever the policy file or what is known of it changes. */
  policy: PolicyView;
  /** Entries that are new or have changed, by id. */
  log: LogEntry[];
}

/** What the proxies carry now. */
export interface Traffic {
  /** Milliseconds since the epoch. */
  at: number;
  clusters: readonly string[];
  boxes: Box[];
  arrows: Arrow[];
  proxies: ProxyView[];
  totals: Totals;
  /** Of what crosses, an estimate: since the proxies started, and what an hour like now costs. With prices only. */
  cost?: { currency: string; amount: number; perHour?: number };
  /** How many services are left out of the picture: nobody calls them, or others are called more. */
  hidden: number;
}

/** A service in one cluster, or a caller that is no service. */
export interface Box {
  /** `m1c1/default/reviews`. */
  id: string;
  cluster: string;
  namespace: string;
  name: string;
  kind: "service" | "gateway" | "caller";
  /** The endpoints' label `version`, where they have one. */
  version?: string;
  /** Endpoints here, and those of them that every proxy that knows them takes for healthy. */
  endpoints?: number;
  healthy?: number;
}

/** The requests of one proxy to a service's endpoints in one cluster. */
export interface Arrow {
  id: string;
  /** The proxy, and the boxes at both ends. */
  proxy: string;
  from: string;
  to: string;
  /** `namespace/name`, and the cluster of its endpoints. */
  service: string;
  port: number | undefined;
  cluster: string;
  /** `unknown`: the endpoints do not say which cluster they are in. */
  place: "local" | "remote" | "unknown";
  requestsPerSecond: number;
  errorsPerSecond: number;
  /** An estimate. */
  bytesPerSecond: number;
  /** Since the proxy started. */
  requests: number;
  /** What the policy says of it. */
  governed: Governed;
}

/** Which rule is for a proxy's requests to a service. `none`: no rule. `unfiltered`: the proxy has no filter. */
export interface Governed {
  mode: Mode | "none" | "unfiltered" | "disabled";
  rule?: string;
  /** Only requests with certain paths or methods, or a share of them. */
  partly?: boolean;
}

export interface ProxyView {
  /** `m1c1/productpage`. */
  id: string;
  admin: string;
  cluster: string;
  namespace: string;
  workload: string;
  /** Why it cannot be looked at. */
  error?: string;
  /** Which policy its filter runs: that of the file, or another; `none` without a filter. Undefined: it is not known. */
  policy?: "this" | "another" | "none" | undefined;
}

export interface Totals {
  localPerSecond: number;
  remotePerSecond: number;
  remoteBytesPerSecond: number;
  /** Since the proxies started: requests of strict rules that another cluster answered. */
  leaked: number;
}

/** What the switch does: whether the policy is on and, where a rule of it is to change, that one. */
export interface Switch {
  enabled: boolean;
  rule?: RuleChange | undefined;
}

/** A rule as the switch wants it. What else the rule says (callers, paths, a share) stays. */
export interface RuleChange {
  /** Its number in the policy, from 0, or one more. */
  number: number | "new";
  mode: "strict" | "prefer" | "observe";
  /** `all`, or patterns as in a rule's `services`. */
  scope: "all" | readonly string[];
}

/** A rule of the policy. */
export interface RuleView {
  /** `rules[0]`. */
  path: string;
  patterns: string[];
  mode: Mode;
  /** For which requests: `callers default/*`, `methods GET`. */
  conditions: string[];
  /** Of those; without it all of them. */
  percent?: number;
  order?: string[];
  /** What the switch may change; without it the rule is changed in the file. */
  scope?: RuleChange["scope"];
}

export interface PolicyView {
  file: string;
  /** Changes with the file's content; a change must name the one that it began with. */
  revision: string;
  /** Undefined while the file is not a policy. */
  enabled: boolean | undefined;
  rules: RuleView[];
  /** The number of the rule that the page shows at first; undefined where the switch could change none. */
  first: number | undefined;
  override: { header: string; allow: string[]; from: string[] } | undefined;
  problems: string[];
  warnings: string[];
  /** Every service of the inventory: `namespace/name`. */
  services: readonly string[];
  /** What happens when the switch is used: `live`, or what is left to do by hand. */
  effect: { live: boolean; text: string };
}

/** A decision that was made again and again, or something that happened once. */
export interface LogEntry {
  id: number;
  kind: "local" | "remote" | "none" | "unknown" | "leak" | "switch" | "live" | "refused";
  /** Milliseconds since the epoch: the first and the last of them. */
  since: number;
  until: number;
  /** How many requests. */
  count: number;
  /** Who called what, or what happened. */
  what: string;
  /** Why. */
  reason: string;
  /** The arrow that it belongs to, where it is known. */
  arrow?: string;
}
