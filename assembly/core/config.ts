import { ascii } from "./bytes";
import { Problems } from "./problems";
import { Text } from "./text";
/** How a request to a matched service is treated. The order is that of `MODES`. */
export enum Mode {
  Strict,
  Prefer,
  Observe,
  Off,
}
export const MODES: StaticArray<string> = ["strict", "prefer", "observe", "off"];

/** How the pin reaches Envoy's routing. The order is that of `VIAS`. */
export enum Via {
  /** header_to_metadata and a subset load balancer: plain Envoy. */
  Metadata,
  /** A route that matches the header: Istio's VirtualService. */
  Route,
  /** A route with `cluster_header`. */
  Cluster,
}
export const VIAS: StaticArray<string> = ["metadata", "route", "cluster"];

/** The `pin` object: the header names and the templates, as text. */
export class Pin {
  via: Via = Via.Metadata;
  cluster: ArrayBuffer = ascii("x-cluster-local");
  order: ArrayBuffer = ascii("x-cluster-local-order");
  target: ArrayBuffer = ascii("x-cluster-local-target");
  template: ArrayBuffer = ascii("outbound|{port}|{localCluster}|{host}");
  subsetTemplate: ArrayBuffer = ascii("{subset}-{localCluster}");
}

/** A path that a rule is for: the whole of it, or what it begins with; the query is no part of it. */
export class PathMatch {
  constructor(
    readonly prefix: bool,
    readonly text: ArrayBuffer,
  ) {}
}

/** Where the value is that decides about `percent`. */
export class Sticky {
  constructor(
    readonly cookie: bool,
    readonly name: ArrayBuffer,
  ) {}
}

/** One rule, without its patterns, which are listed in `Config.patterns`. */
export class Rule {
  mode: Mode = Mode.Strict;
  /** Where to go after the local cluster, in order; null: the other clusters, as `Config.clusters` lists them. */
  order: ArrayBuffer[] | null = null;
  /** The conditions; null: none. Callers are `namespace/workload`, each with a `*` at its end if any will do. */
  callers: ArrayBuffer[] | null = null;
  paths: PathMatch[] | null = null;
  methods: ArrayBuffer[] | null = null;
  /** How many of 2^32 buckets the rule is for. */
  share: u64 = ALL;
  /** What puts a request into its bucket; null: `x-request-id`. */
  sticky: Sticky | null = null;

  constructor(readonly index: i32) {}

  /** Whether it takes a request's own facts to know if the rule is for it. */
  get conditional(): bool {
    return this.paths != null || this.methods != null;
  }

  /** Begins a problem with this rule, or with a part of it. */
  wrong(problems: Problems, part: string): Text {
    return this.writePath(problems.begin()).add(part).add(": ");
  }

  writePath(to: Text): Text {
    return to.add("rules[").number(this.index).add("]");
  }
}

/** All buckets: 100 percent. */
export const ALL: u64 = 1 << 32;

/** Whether a pattern was written under `services` or under `hosts`. */
export enum PatternKind {
  Service,
  Host,
}

/** A pattern as written, with where it stands. Its text is a slice of the configuration: valid while that is. */
export class WrittenPattern {
  constructor(
    readonly kind: PatternKind,
    readonly text: usize,
    readonly size: i32,
    readonly rule: Rule,
    readonly index: i32,
  ) {}

  writePath(to: Text): Text {
    const list = this.kind == PatternKind.Service ? ".services[" : ".hosts[";
    return this.rule.writePath(to).add(list).number(this.index).add("]");
  }
}

/** A cluster name that stands for a service or a host. Both are slices of the configuration. */
export class WrittenName {
  constructor(
    readonly name: usize,
    readonly nameSize: i32,
    readonly kind: PatternKind,
    readonly text: usize,
    readonly size: i32,
  ) {}
}

/** A service that a cluster has no endpoint of, as the generator saw it. A slice of the configuration. */
export class WrittenAbsence {
  constructor(
    readonly cluster: ArrayBuffer,
    readonly text: usize,
    readonly size: i32,
  ) {}
}

/** The `override` object: which header, what it may ask for, and in which namespaces. */
export class Override {
  header: ArrayBuffer | null = null;
  allow: ArrayBuffer[] = [];
  from: ArrayBuffer[] = [];
}

/** The plugin configuration as read: each field well formed, but not yet checked as a whole nor compiled. */
export class Config {
  enabled: bool = true;
  debug: bool = false;
  localCluster: ArrayBuffer | null = null;
  clusterDomain: ArrayBuffer = ascii("cluster.local");
  clusters: ArrayBuffer[] = [];
  pin: Pin = new Pin();
  overrides: Override | null = null;
  names: WrittenName[] = [];
  /** Patterns of services that have no endpoint in the local cluster, where the configuration says so. */
  absent: WrittenAbsence[] = [];
  rules: Rule[] = [];
  patterns: WrittenPattern[] = [];
  /** Where the unescaped strings live that patterns may point into. */
  texts: ArrayBuffer[] = [];
}
