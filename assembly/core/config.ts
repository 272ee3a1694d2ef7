import { ascii } from "./bytes";
import { lit, Literal } from "./literal";
import { Problems } from "./problems";
import { Text } from "./text";
/** How a request to a matched service is treated. The order is that of `MODES`. */
export enum Mode {
  Strict,
  Prefer,
  Observe,
  Off,
}
export const MODES: StaticArray<Literal> = [lit("strict"), lit("prefer"), lit("observe"), lit("off")];

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

/** All buckets: 100 percent. */
export const ALL: u64 = 1 << 32;

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

  constructor(public index: i32) {}

  /** Whether nothing but its mode and its place tells it from others: then its mode says all. */
  get plain(): bool {
    return (
      this.mode != Mode.Prefer &&
      !this.order &&
      !this.callers &&
      !this.conditional &&
      this.share == ALL &&
      !this.sticky
    );
  }

  /** Whether it takes a request's own facts to know if the rule is for it. */
  get conditional(): bool {
    return this.paths != null || this.methods != null;
  }

  /** Begins a problem with this rule, or with a part of it. */
  wrong(problems: Problems, part: Literal): Text {
    return this.writePath(problems.begin()).add(part).add(lit(": "));
  }

  writePath(to: Text): Text {
    return writeRule(to, this.index);
  }
}

/** The rules that are plain, by mode: ten thousand of them are three objects. */
const PLAIN: StaticArray<Rule> = [
  plain(Mode.Strict),
  plain(Mode.Prefer),
  plain(Mode.Observe),
  plain(Mode.Off),
];

function plain(mode: Mode): Rule {
  const rule = new Rule(-1);
  rule.mode = mode;
  return rule;
}

/** The rule as it is kept: itself, or the one that all plain rules of its mode share. */
export function kept(rule: Rule): Rule {
  return rule.plain ? PLAIN[rule.mode] : rule;
}

function writeRule(to: Text, index: i32): Text {
  return to.add(lit("rules[")).number(index).add(lit("]"));
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
    readonly ruleIndex: i32,
    readonly index: i32,
  ) {}

  /** Set when the rule has been read. */
  rule: Rule = PLAIN[Mode.Off];

  writePath(to: Text): Text {
    const list = this.kind == PatternKind.Service ? lit(".services[") : lit(".hosts[");
    return writeRule(to, this.ruleIndex).add(list).number(this.index).add(lit("]"));
  }
}

/** What a key of `names` goes with: a service or a host. Both are slices of the configuration. */
export class WrittenPair {
  constructor(
    readonly key: usize,
    readonly keySize: i32,
    readonly kind: PatternKind,
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
  localCluster: ArrayBuffer | null = null;
  clusterDomain: ArrayBuffer = ascii(lit("cluster.local"));
  clusters: ArrayBuffer[] = [];
  overrides: Override | null = null;
  /** Cluster names with what they stand for. */
  names: WrittenPair[] = [];
  patterns: WrittenPattern[] = [];
  /** Where the unescaped strings live that patterns may point into. */
  texts: ArrayBuffer[] = [];
}
