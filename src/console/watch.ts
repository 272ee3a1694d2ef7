import { sample } from "../live/sample.ts";
import type { ProxySample } from "../live/model.ts";
import { AccessLog, fromAccessLog } from "./from-access-log.ts";
import { fromCounters } from "./from-counters.ts";
import type { Governor } from "./governed.ts";
import type { Told } from "./log.ts";
import { identityOf, type Proxy, type Topology } from "./topology.ts";
import type { Look } from "./traffic.ts";

/** A sample that is older says nothing of now; rates are those of so long, or since the one before. In milliseconds. */
const STALE = 30_000;
const RATED = 2500;
/** A proxy with thousands of services takes seconds to answer. */
const TIMEOUT = 15_000;

/** Looks at the proxies again and again, and remembers what it saw last. */
export class Watch {
  /** By admin address, the oldest first. */
  readonly #samples = new Map<string, ProxySample[]>();
  readonly #logs = new Map<string, AccessLog>();

  /** Looks at each proxy once. Never throws: what went wrong is in the look. */
  async look({ proxies }: Topology): Promise<Look[]> {
    return Promise.all(proxies.map((proxy) => this.#lookAt(proxy)));
  }

  async #lookAt(proxy: Proxy): Promise<Look> {
    try {
      const later = await sample(proxy.admin, { timeoutMs: TIMEOUT });
      const samples = (this.#samples.get(proxy.admin) ?? []).filter(({ at }) => later.at - at < STALE);
      const kept = samples.filter(({ at }, index) => later.at - at < RATED || index === samples.length - 1);
      this.#samples.set(proxy.admin, [...kept, later]);
      return { proxy, later, earlier: kept.at(-1), rated: kept[0] };
    } catch (error) {
      this.#samples.delete(proxy.admin);
      return { proxy, error: (error as Error).message };
    }
  }

  /** What the proxies decided since the last look. */
  decisions(looks: readonly Look[], governor: Governor): Told[] {
    return looks.flatMap(({ proxy, earlier, later }) => {
      const lines = this.#logOf(proxy)?.lines();
      const identity = identityOf(proxy, later);
      if (lines) return fromAccessLog(lines, identity, governor);
      return earlier && later ? fromCounters(earlier, later, identity, governor) : [];
    });
  }

  #logOf({ admin, caller }: Proxy): AccessLog | undefined {
    if (typeof caller?.accessLog !== "string") return undefined;
    const log = this.#logs.get(admin) ?? new AccessLog(caller.accessLog);
    this.#logs.set(admin, log);
    return log;
  }
}
