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
  cluster: ArrayBuffer = String.UTF8.encode("x-cluster-local");
  order: ArrayBuffer = String.UTF8.encode("x-cluster-local-order");
  target: ArrayBuffer = String.UTF8.encode("x-cluster-local-target");
  template: ArrayBuffer = String.UTF8.encode("outbound|{port}|{localCluster}|{host}");
  subsetTemplate: ArrayBuffer = String.UTF8.encode("{subset}-{localCluster}");
}

/** One rule, without its patterns, which are listed in `Config.patterns`. */
export class Rule {
  mode: Mode = Mode.Strict;
  /** Where to go after the local cluster, in order; null: the other clusters, as `Config.clusters` lists them. */
  order: ArrayBuffer[] | null = null;
  constructor(readonly index: i32) {}

  get path(): string {
    return "rules[" + this.index.toString() + "]";
  }
}

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

  get path(): string {
    return (
      this.rule.path +
      (this.kind == PatternKind.Service ? ".services[" : ".hosts[") +
      this.index.toString() +
      "]"
    );
  }
}

/** The plugin configuration as read: each field well formed, but not yet checked as a whole nor compiled. */
export class Config {
  enabled: bool = true;
  debug: bool = false;
  localCluster: ArrayBuffer | null = null;
  clusterDomain: ArrayBuffer = String.UTF8.encode("cluster.local");
  clusters: ArrayBuffer[] = [];
  pin: Pin = new Pin();
  rules: Rule[] = [];
  patterns: WrittenPattern[] = [];
  /** Where the unescaped strings live that patterns may point into. */
  texts: ArrayBuffer[] = [];
}
