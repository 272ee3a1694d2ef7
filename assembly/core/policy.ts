import { List } from "./list";
import { equals } from "./bytes";
import { admits, Facts } from "./conditions";
import { Config, Mode, Rule } from "./config";
import { HostTable } from "./lookup";

/** A pattern compiled: what to do for the hosts that it names. */
export class Pattern {
  /** The pattern as written: the rule's name in metrics, logs and headers. */
  label: usize = 0;
  labelSize: i32 = 0;
  /**
   * The pin (the filter state that the route reads): a cluster to stay in, for `prefer` clusters in order, the first first,
   * joined by commas, `*` for an override's "anywhere"; null for none.
   */
  pin: ArrayBuffer | null = null;
  /** Takes hosts of any namespace; not meant for a host that is only guessed to be a service. */
  broad: bool = false;
  /** Asked for by the request itself, not by a rule. */
  asked: bool = false;
  /** The rule is for other callers. */
  idle: bool = false;
  /** The pattern that comes after this one when this one's conditions do not hold: same hosts, later in the file; -1. */
  next: i32 = -1;
  constructor(
    readonly mode: Mode,
    readonly rule: Rule,
  ) {}
}

/** A configuration compiled (compile.ts): immutable, and all that a request needs. */
export class Policy {
  readonly patterns: List<Pattern>;
  /** The patterns by host; those that take every host are no host's, and begin at `any`. */
  hosts: HostTable = new HostTable(0);
  any: i32 = -1;
  /** Cluster names that stand for a host: its size, in two bytes, and its bytes are behind each name. Null: none. */
  names: HostTable | null = null;
  /** The first of the patterns that an override leads to, in the order of `config.overrideAllow`; -1: none may. */
  firstOverride: i32 = -1;
  /** The bytes of all hosts and labels. */
  pool: ArrayBuffer = new ArrayBuffer(0);

  constructor(
    readonly config: Config,
    readonly localCluster: ArrayBuffer,
    readonly namespace: ArrayBuffer | null,
  ) {
    this.patterns = new List<Pattern>(config.patterns.length);
  }

  /**
   * The pattern that governs a request to this host, or null: the most specific whose rule takes the request, the first in
   * the file among equals. For a host that was completed by a guess (service.ts) only patterns that
   * name its namespace count: "every service" must not take `example.com` for one.
   */
  find(host: usize, size: i32, guessed: bool, facts: Facts): Pattern | null {
    let first = this.hosts.find(host, size, false);
    while (true) {
      let number = first < 0 ? this.any : first;
      while (number >= 0) {
        const pattern = unchecked(this.patterns[number]);
        if (guessed && pattern.broad) return null;
        if (!pattern.idle && admits(pattern.rule, facts)) return pattern;
        number = pattern.next;
      }
      if (first < 0) return null;
      // The next less specific hosts that hold these.
      first = this.hosts.find(this.hosts.hostOf(first), this.hosts.sizeOf(first), true);
    }
  }

  /** The host that a cluster's name stands for: where its size is, in two bytes, with the host behind them; 0 for none. */
  hostNamed(name: usize, size: i32): usize {
    const names = this.names!;
    const number = names.find(name, size, false);
    return number < 0 ? 0 : names.hostOf(number) + size;
  }

  /** The pattern that an override's value leads to; null when it is not allowed. */
  findOverride(value: usize, size: i32): Pattern | null {
    if (this.firstOverride < 0) return null;
    const allowed = this.config.overrideAllow;
    for (let i = 0; i < allowed.length; i++) {
      const text = unchecked(allowed[i]);
      if (equals(value, size, changetype<usize>(text), text.byteLength))
        return unchecked(this.patterns[this.firstOverride + i]);
    }
    return null;
  }
}
