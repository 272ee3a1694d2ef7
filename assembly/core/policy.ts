import { equals } from "./bytes";
import { Config, Mode, Rule } from "./config";
import { HostTable } from "./lookup";
import { encodeOrder } from "./order";
import { MAX_HOST } from "./names";
import { hostBound, writeHost } from "./pattern";
import { Problems } from "./problems";

/** What the caller's proxy is, from its node metadata; null where the metadata does not say. */
export class Caller {
  constructor(
    readonly cluster: ArrayBuffer | null,
    readonly namespace: ArrayBuffer | null,
  ) {}
}

/** A pattern compiled: what to do for the hosts that it names. */
export class Pattern {
  /** The pattern as written: the rule's name in metrics, logs and headers. */
  label: usize = 0;
  labelSize: i32 = 0;
  /** For `prefer`: the encoded failover order. */
  order: ArrayBuffer | null = null;
  /** Ids of the counters by where the response came from; 0 until the first such response. */
  readonly metrics: StaticArray<u32> = new StaticArray<u32>(4);

  constructor(readonly mode: Mode) {}
}

/** A configuration compiled: immutable but for the metric ids, and all that a request needs. */
export class Policy {
  readonly patterns: StaticArray<Pattern | null>;
  private readonly table: HostTable;
  /** The number of the pattern that takes every host, and of the one that takes every service; -1 for none. */
  private any: i32 = -1;
  private anyService: i32 = -1;
  /** The bytes of all hosts and labels. */
  private readonly pool: ArrayBuffer;

  private constructor(
    readonly config: Config,
    readonly localCluster: ArrayBuffer,
    readonly namespace: ArrayBuffer | null,
  ) {
    const written = config.patterns;
    let bound = 0;
    for (let i = 0; i < written.length; i++) {
      bound += hostBound(written[i].size, config.clusterDomain.byteLength) + written[i].size;
    }
    this.pool = new ArrayBuffer(bound);
    this.table = new HostTable(written.length);
    this.patterns = new StaticArray<Pattern | null>(written.length);
  }

  /** Compiles a configuration that was read without problems; null, with the problems noted, when it makes no sense. */
  static compile(config: Config, caller: Caller, problems: Problems): Policy | null {
    const local = config.localCluster ? config.localCluster : caller.cluster;
    if (!local) {
      problems.add(
        "localCluster",
        "missing, and the proxy's node metadata has no CLUSTER_ID that could stand in for it, allowed: " +
          "the id of the cluster that the proxy runs in",
      );
      return null;
    }
    const policy = new Policy(config, local, caller.namespace);
    const orders = new Orders(config, local);
    let to = changetype<usize>(policy.pool);
    for (let i = 0; i < config.patterns.length; i++) to = policy.add(to, i, orders, problems);
    // What was written is compiled now, and points into a text that will be gone.
    config.patterns = [];
    config.texts = [];
    return problems.any ? null : policy;
  }

  /**
   * The number of the most specific pattern for the host; -1 for none. A host that was completed by a guess (service.ts)
   * is left to patterns that name its namespace: "every service" must not take `example.com` for one.
   */
  find(host: usize, size: i32, guessed: bool): i32 {
    const found = this.table.find(host, size);
    if (guessed) return found == this.anyService ? -1 : found;
    return found >= 0 ? found : this.any;
  }

  /** Compiles one pattern, its bytes going to `to` in the pool; where the next one's go. */
  private add(to: usize, number: i32, orders: Orders, problems: Problems): usize {
    const written = this.config.patterns[number];
    const size = writeHost(to, written.kind, written.text, written.size, this.config.clusterDomain);
    if (size > MAX_HOST + 1) {
      problems.add(written.path, "stands for a host name longer than 253 bytes");
      return to;
    }
    const same = size > 0 ? this.table.add(number, to, size) : this.any;
    if (same >= 0) {
      problems.add(
        written.path,
        "names the same hosts as " + this.config.patterns[same].path + ", allowed once",
      );
      return to;
    }
    if (size == 0) this.any = number;
    else if (written.size == 1) this.anyService = number;
    const pattern = new Pattern(written.rule.mode);
    pattern.label = to + size;
    pattern.labelSize = written.size;
    memory.copy(pattern.label, written.text, written.size);
    if (pattern.mode == Mode.Prefer) pattern.order = orders.of(written.rule, problems);
    this.patterns[number] = pattern;
    return pattern.label + written.size;
  }
}

/** The encoded failover orders of the `prefer` rules; the default one is shared by all that name none. */
class Orders {
  private default: ArrayBuffer | null = null;
  /** The rule encoded last: its patterns stand together. */
  private last: Rule | null = null;
  private lastOrder: ArrayBuffer | null = null;

  constructor(
    readonly config: Config,
    readonly local: ArrayBuffer,
  ) {}

  of(rule: Rule, problems: Problems): ArrayBuffer | null {
    if (rule == this.last) return this.lastOrder;
    this.last = rule;
    this.lastOrder = this.encode(rule, problems);
    return this.lastOrder;
  }

  private encode(rule: Rule, problems: Problems): ArrayBuffer | null {
    const order = rule.order;
    if (order) return encodeOrder(this.localFirst(order));
    if (this.config.clusters.length == 0) {
      problems.add(
        rule.path + ".order",
        'missing, allowed with mode "prefer": cluster ids here, or in "clusters"',
      );
      return null;
    }
    if (!this.default) this.default = encodeOrder(this.localFirst(this.config.clusters));
    return this.default;
  }

  private localFirst(clusters: ArrayBuffer[]): ArrayBuffer[] {
    const list: ArrayBuffer[] = [this.local];
    for (let i = 0; i < clusters.length; i++) {
      const id = clusters[i];
      const local = this.local;
      if (!equals(changetype<usize>(id), id.byteLength, changetype<usize>(local), local.byteLength))
        list.push(id);
    }
    return list;
  }
}
