import { equals } from "./bytes";
import { admits, Facts } from "./conditions";
import { Config, Mode, Rule } from "./config";
import { HostTable } from "./lookup";

/** A pattern compiled: what to do for the hosts that it names. */
export class Pattern {
  /** The pattern as written: the rule's name in metrics, logs and headers. */
  label: usize = 0;
  labelSize: i32 = 0;
  /** For `strict`: the cluster to stay in; the local one, unless an override names another. */
  cluster: ArrayBuffer | null = null;
  /** For `prefer`: the encoded failover order. */
  order: ArrayBuffer | null = null;
  /** Takes hosts of any namespace; not meant for a host that is only guessed to be a service. */
  broad: bool = false;
  /** Asked for by the request itself, not by a rule. */
  asked: bool = false;
  /** The rule is for other callers. */
  idle: bool = false;
  /** The pattern that comes after this one when this one's conditions do not hold: same hosts, later in the file; -1. */
  next: i32 = -1;
  /** The first of the next less specific patterns; -1: none, or not needed. */
  parent: i32 = -1;
  /**
   * Ids of the counters by where the response came from, then the same for requests outside of the rule's share. Made with
   * the first counter, since most rules of a long list never see a request.
   */
  metrics: StaticArray<u32> | null = null;
  withoutLocal: u32 = 0;

  constructor(
    readonly mode: Mode,
    readonly rule: Rule,
  ) {}
}

/** A configuration compiled (compile.ts): immutable but for the metric ids, and all that a request needs. */
export class Policy {
  readonly patterns: Pattern[] = [];
  /** The patterns by host; those that take every host are no host's, and begin at `any`. */
  hosts: HostTable = new HostTable(0);
  any: i32 = -1;
  /** Whether a pattern found may not apply after all: some rule has callers, paths or methods. */
  conditional: bool = false;
  /** Cluster names that stand for a host of `nameHosts`; null: none. */
  names: HostTable | null = null;
  nameHosts: StaticArray<usize> = new StaticArray<usize>(0);
  nameHostSizes: StaticArray<i32> = new StaticArray<i32>(0);
  /** Services without a local endpoint; null: none. */
  absent: HostTable | null = null;
  /** The first of the patterns that an override leads to, in the order of `config.overrides.allow`; -1: none may. */
  firstOverride: i32 = -1;
  /** The bytes of all hosts and labels. */
  pool: ArrayBuffer = new ArrayBuffer(0);

  constructor(
    readonly config: Config,
    readonly localCluster: ArrayBuffer,
    readonly namespace: ArrayBuffer | null,
  ) {}

  /**
   * The number of the pattern that governs a request to this host; -1 for none: the most specific whose rule takes the
   * request, the first in the file among equals. For a host that was completed by a guess (service.ts) only patterns that
   * name its namespace count: "every service" must not take `example.com` for one.
   */
  find(host: usize, size: i32, guessed: bool, facts: Facts): i32 {
    let number = this.hosts.find(host, size, false);
    if (number < 0) number = this.any;
    while (number >= 0) {
      const pattern = unchecked(this.patterns[number]);
      if (guessed && pattern.broad) return -1;
      if (
        !this.conditional ||
        (!pattern.idle && (!pattern.rule.conditional || admits(pattern.rule, facts)))
      ) {
        return number;
      }
      number = pattern.next >= 0 ? pattern.next : pattern.parent;
    }
    return -1;
  }

  /** The pattern that an override's value leads to; -1 when it is not allowed. */
  findOverride(value: usize, size: i32): i32 {
    if (this.firstOverride < 0) return -1;
    const allowed = this.config.overrides!.allow;
    for (let i = 0; i < allowed.length; i++) {
      const text = unchecked(allowed[i]);
      if (equals(value, size, changetype<usize>(text), text.byteLength)) return this.firstOverride + i;
    }
    return -1;
  }
}
