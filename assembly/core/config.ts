import { List } from "./list";
import { ascii } from "./bytes";
import { lit, Literal, Words } from "./literal";
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

/** The same, as the words that may stand in `mode`. */
export const MODE_NAMES: Words = lit("strict,prefer,observe,off");

/** All buckets: 100 percent. */
export const ALL: u64 = 1 << 32;

/** One rule, without its patterns, which are listed in `Config.patterns`. */
export class Rule {
  mode: Mode = Mode.Strict;
  /** Where to go after the local cluster, in order; null: the other clusters, as `Config.clusters` lists them. */
  order: List<ArrayBuffer> | null = null;
  /** The conditions; null: none. Callers are `namespace/workload`, each with a `*` at its end if any will do. */
  callers: List<ArrayBuffer> | null = null;
  /** Paths, without the query. Behind each stands a byte more: `=` for the whole of it, `*` for what it begins with. */
  paths: List<ArrayBuffer> | null = null;
  methods: List<ArrayBuffer> | null = null;
  /** How many of 2^32 buckets the rule is for. */
  share: u64 = ALL;
  /** The header or cookie that puts a request into its bucket; null: `x-request-id`. */
  sticky: ArrayBuffer | null = null;
  byCookie: bool = false;

  /** `index` is its place in the list of rules, for messages. */
  constructor(
    readonly index: i32,
    mode: Mode = Mode.Strict,
  ) {
    this.mode = mode;
  }

  /** Begins a problem with a part of this rule. */
  wrong(problems: Problems, part: Literal): Text {
    return writeRule(problems.begin(), this.index).add(part);
  }
}

/** The rules that only their modes tell apart, by mode: ten thousand of them are three objects. */
export const PLAIN: StaticArray<Rule> = [
  new Rule(-1, Mode.Strict),
  new Rule(-1, Mode.Prefer),
  new Rule(-1, Mode.Observe),
  new Rule(-1, Mode.Off),
];

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

/** An entry of `names`: a cluster's name, and its service or host. Both are slices of the configuration. */
export class WrittenName {
  constructor(
    readonly key: usize,
    readonly keySize: i32,
    readonly kind: PatternKind,
    readonly text: usize,
    readonly size: i32,
  ) {}
}

/** The plugin configuration as read: each field well formed, but not yet checked as a whole nor compiled. */
export class Config {
  enabled: bool = true;
  localCluster: ArrayBuffer | null = null;
  clusterDomain: ArrayBuffer = ascii(lit("cluster.local"));
  clusters: List<ArrayBuffer> = new List<ArrayBuffer>();
  /** The header of an override (null: there is none), what it may ask for, and in which namespaces. */
  overrideHeader: ArrayBuffer | null = null;
  overrideAllow: List<ArrayBuffer> = new List<ArrayBuffer>();
  overrideFrom: List<ArrayBuffer> = new List<ArrayBuffer>();
  names: List<WrittenName> = new List<WrittenName>();
  patterns: List<WrittenPattern> = new List<WrittenPattern>();
  /** Where the unescaped strings live that patterns may point into. */
  texts: List<ArrayBuffer> = new List<ArrayBuffer>();
}
