import { List } from "./list";
import { ascii, copyOf, equalsLiteral } from "./bytes";
import { Caller } from "./caller";
import { Config, Mode, PLAIN, Rule, WrittenName, WrittenPattern } from "./config";
import { lit, Literal, sizeOf, textOf } from "./literal";
import { HostTable } from "./lookup";
import { MAX_HOST } from "./names";
import { hostBound, writeHost, writeLower } from "./pattern";
import { Pattern, Policy } from "./policy";
import { Problems } from "./problems";
import { same, sameText } from "./same";
import { Text } from "./text";

/**
 * Compiles a configuration that was read without problems for the proxy that runs it; null, with the problems noted, when
 * it makes no sense there.
 */
export function compile(config: Config, caller: Caller, problems: Problems): Policy | null {
  const local = config.localCluster ? config.localCluster : caller.cluster;
  if (!local) {
    problems
      .begin()
      .add(
        lit("localCluster: missing, and the proxy's node metadata has no CLUSTER_ID that is a cluster id"),
      );
    return null;
  }
  const compiler = new Compiler(new Policy(config, local, caller.namespace), problems);
  compiler.patterns(caller);
  compiler.names();
  compiler.overrides(caller);
  assert(compiler.isWithin, "what was written is larger than what was reserved");
  // What was written is compiled now, and points into a text that will be gone.
  config.patterns = new List<WrittenPattern>();
  config.names = new List<WrittenName>();
  config.texts = new List<ArrayBuffer>();
  return problems.any ? null : compiler.policy;
}

class Compiler {
  /** Where the next bytes go in the policy's pool. */
  private to: usize = 0;
  /** The order of the `prefer` rules that name none. */
  private order: ArrayBuffer | null = null;

  constructor(
    readonly policy: Policy,
    readonly problems: Problems,
  ) {
    const bound = poolBound(policy.config);
    reserve(bound, policy.config.patterns.length);
    policy.pool = new ArrayBuffer(bound);
    this.to = changetype<usize>(policy.pool);
  }

  /** Whether what was written ends within the pool. */
  get isWithin(): bool {
    return this.to <= changetype<usize>(this.policy.pool) + this.policy.pool.byteLength;
  }

  patterns(caller: Caller): void {
    const policy = this.policy;
    const written = policy.config.patterns;
    policy.hosts = new HostTable(written.length);
    let rule: Rule | null = null;
    let idle = false;
    let pin: ArrayBuffer | null = null;
    for (let i = 0; i < written.length; i++) {
      if (written[i].rule != rule) {
        rule = written[i].rule;
        pin = this.pinOf(rule);
        idle = !caller.admittedBy(rule, this.problems);
      }
      this.pattern(i, idle, pin);
    }
  }

  /** The pin of a rule's requests; null for none, and, with the problem noted, when nothing says what it is. */
  private pinOf(rule: Rule): ArrayBuffer | null {
    if (rule.mode == Mode.Strict) return this.policy.localCluster;
    if (rule.mode != Mode.Prefer) return null;
    const order = rule.order;
    if (order) return this.localFirst(order);
    const clusters = this.policy.config.clusters;
    if (clusters.length == 0) {
      rule.wrong(
        this.problems,
        lit('.order: missing, allowed with mode "prefer": cluster ids here, or in "clusters"'),
      );
      return null;
    }
    if (!this.order) this.order = this.localFirst(clusters);
    return this.order;
  }

  /** The local cluster and then the others, joined by commas. */
  private localFirst(clusters: List<ArrayBuffer>): ArrayBuffer {
    const local = this.policy.localCluster;
    const text = new Text().buffer(local);
    for (let i = 0; i < clusters.length; i++) {
      const id = clusters[i];
      if (!sameText(id, local)) text.add(lit(",")).buffer(id);
    }
    return copyOf(text.ptr, text.size);
  }

  private pattern(number: i32, idle: bool, pin: ArrayBuffer | null): void {
    const policy = this.policy;
    const written = policy.config.patterns[number];
    const pattern = new Pattern(written.rule.mode, written.rule);
    policy.patterns.push(pattern);
    const host = this.to;
    const size = writeHost(host, written.kind, written.text, written.size, policy.config.clusterDomain);
    const suffix = size == 0 || load<u8>(host) == 0x2e;
    if (size > (suffix ? MAX_HOST + 1 : MAX_HOST)) {
      written.writePath(this.problems.begin()).add(TOO_LONG);
      return;
    }
    this.to = host + size;
    pattern.label = this.put(written.text, written.size);
    pattern.labelSize = written.size;
    pattern.pin = pin;
    pattern.broad = suffix && size <= hostBound(0, policy.config.clusterDomain.byteLength) - 1;
    pattern.idle = idle;
    let first = size > 0 ? policy.hosts.add(number, host, size) : policy.any;
    if (size == 0 && first < 0) policy.any = number;
    if (first >= 0) this.chain(first, number);
  }

  /** Puts a pattern after those of the same hosts that stand before it. */
  private chain(first: i32, number: i32): void {
    const policy = this.policy;
    const written = policy.config.patterns;
    for (;;) {
      if (same(written[first].rule, written[number].rule)) {
        const text = written[number].writePath(this.problems.begin()).add(lit(": names the same hosts as "));
        written[first].writePath(text).add(lit(", allowed once"));
        return;
      }
      if (policy.patterns[first].next < 0) break;
      first = policy.patterns[first].next;
    }
    policy.patterns[first].next = number;
  }

  names(): void {
    const policy = this.policy;
    const written = policy.config.names;
    if (written.length == 0) return;
    const table = new HostTable(written.length);
    for (let i = 0; i < written.length; i++) {
      const name = written[i];
      const key = this.to;
      const behind = writeLower(key, name.key, name.keySize);
      if (table.add(i, key, name.keySize) >= 0)
        this.wrongName(name).add(lit(": the same cluster name as another but for its case, allowed once"));
      const size = writeHost(behind + 2, name.kind, name.text, name.size, policy.config.clusterDomain);
      store<u16>(behind, <u16>size);
      this.to = behind + 2 + size;
      if (size > MAX_HOST) this.wrongName(name).add(TOO_LONG);
    }
    policy.names = table;
  }

  private wrongName(name: WrittenName): Text {
    return this.problems.begin().add(lit("names.")).shown(name.key, name.keySize);
  }

  /** A pattern for each thing that an override may ask for, if this caller may ask at all. */
  overrides(caller: Caller): void {
    const policy = this.policy;
    if (!caller.isIn(policy.config.overrideFrom)) return;
    policy.firstOverride = policy.patterns.length;
    const allowed = policy.config.overrideAllow;
    for (let i = 0; i < allowed.length; i++) {
      const value = allowed[i];
      const any = equalsLiteral(changetype<usize>(value), value.byteLength, lit("any"));
      const local = equalsLiteral(changetype<usize>(value), value.byteLength, lit("local"));
      const pattern = new Pattern(any ? Mode.Off : Mode.Strict, PLAIN[Mode.Strict]);
      pattern.asked = true;
      pattern.pin = any ? ascii(lit("*")) : local ? policy.localCluster : value;
      pattern.label = textOf(OVERRIDE);
      pattern.labelSize = sizeOf(OVERRIDE);
      policy.patterns.push(pattern);
    }
  }

  private put(ptr: usize, size: i32): usize {
    const at = this.to;
    memory.copy(at, ptr, size);
    this.to = at + size;
    return at;
  }
}

const OVERRIDE: Literal = lit("override");
const TOO_LONG: Literal = lit(": stands for a host name longer than 253 bytes");

/**
 * Makes room for a pool and so many patterns at once. Left to itself the heap doubles when it is full, and a large
 * configuration would hold on to memory that it never uses.
 */
function reserve(pool: i32, patterns: i32): void {
  heap.free(heap.alloc(<usize>pool + <usize>patterns * PATTERN_BYTES + 64));
}

/** What a pattern takes beside its bytes in the pool: the object, and its places in the table and the list. */
const PATTERN_BYTES: usize = 112;

/** At least the bytes that compiling writes. */
function poolBound(config: Config): i32 {
  const domain = config.clusterDomain.byteLength;
  let bound = 0;
  for (let i = 0; i < config.patterns.length; i++) {
    const size = config.patterns[i].size;
    bound += hostBound(size, domain) + size;
  }
  for (let i = 0; i < config.names.length; i++) {
    bound += hostBound(config.names[i].size, domain) + config.names[i].keySize + 2;
  }
  return bound;
}
