import { costOf } from "../live/cost.ts";
import { LiveError } from "../live/live-error.ts";
import type { ProxySample } from "../live/model.ts";
import type { Prices } from "../live/prices.ts";
import { sample } from "../live/sample.ts";
import type { Look } from "./table.ts";

/** Looks at proxies again and again, and keeps of each what it saw last. */
export class Watch {
  private readonly last = new Map<string, ProxySample>();

  constructor(
    private readonly addresses: readonly string[],
    private readonly prices: Prices | undefined,
    private readonly timeoutMs: number,
  ) {}

  /** @param signal ends the look early: what did not answer by then is unreachable */
  async look(signal?: AbortSignal): Promise<Look> {
    const results = await Promise.allSettled(
      this.addresses.map((address) =>
        sample(address, { timeoutMs: this.timeoutMs, ...(signal && { signal }) }),
      ),
    );
    const proxies: Look["proxies"] = [];
    const unreachable: string[] = [];
    results.forEach((result, index) => {
      if (result.status === "fulfilled") {
        const earlier = this.last.get(this.addresses[index]!);
        this.last.set(this.addresses[index]!, result.value);
        proxies.push({ earlier, later: result.value });
      } else if (result.reason instanceof LiveError) unreachable.push(result.reason.message);
      else throw result.reason;
    });
    return { proxies, unreachable, cost: this.prices && costOf(proxies, this.prices) };
  }
}
