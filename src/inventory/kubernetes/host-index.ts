import { covers } from "./hosts.ts";

/** Things by hosts, which may be `*` or `*.suffix`: whole names are looked up, only wildcards are tried one by one. */
export class HostIndex<T> {
  private readonly whole = new Map<string, T[]>();
  private readonly wildcards: (readonly [string, T])[] = [];

  constructor(entries: Iterable<readonly [string, T]>) {
    for (const [host, thing] of entries) {
      if (host.startsWith("*")) this.wildcards.push([host, thing]);
      else this.whole.set(host, [...(this.whole.get(host) ?? []), thing]);
    }
  }

  /** What stands for the host by its whole name. */
  exact(host: string): readonly T[] {
    return this.whole.get(host) ?? [];
  }

  /** What stands for the host, those for its whole name first. */
  covering(host: string): T[] {
    const wider = this.wildcards.filter(([pattern]) => covers(pattern, host)).map(([, thing]) => thing);
    return [...this.exact(host), ...wider];
  }

  /** The whole names that there is something for. */
  names(): Iterable<string> {
    return this.whole.keys();
  }
}
