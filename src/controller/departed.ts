import type { KubeObject } from "../inventory/kubernetes/object.ts";

/** So long what keeps a service local outlives its Service: people delete and make again, and nothing may cross in between. */
const KEPT_MS = 600_000;

/** Services of which only our own DestinationRules still know. */
export class Departed {
  private readonly since = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Those that count as there.
   *
   * @param isSure all clusters were seen: what is not there is gone, and not only out of sight
   */
  kept(services: readonly KubeObject[], isSure: boolean): KubeObject[] {
    const now = this.now();
    const keys = new Set(services.map(keyOf));
    for (const key of this.since.keys()) if (!keys.has(key)) this.since.delete(key);
    if (!isSure) return [...services];
    return services.filter((one) => {
      const since = this.since.get(keyOf(one)) ?? now;
      this.since.set(keyOf(one), since);
      return now - since < KEPT_MS;
    });
  }

  /** When the next is given up, in ms from now. */
  nextMs(): number | undefined {
    const left = [...this.since.values()].map((since) => since + KEPT_MS - this.now()).filter((ms) => ms > 0);
    return left.length > 0 ? Math.min(...left) : undefined;
  }
}

const keyOf = ({ namespace, name }: KubeObject) => `${namespace}/${name}`;
