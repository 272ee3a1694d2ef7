import { setTimeout as sleep } from "node:timers/promises";
import { countBy } from "../../support/load.ts";
import { keepAliveAgent, send } from "../../support/http-client.ts";
import type { Received } from "../../support/received.ts";
import type { Backend } from "../../support/backend.ts";

/** One client of a cluster, through its Envoy. */
export interface Client {
  cluster: string;
  /** Where its Envoy listens. */
  address: string;
}

export interface Sent {
  /** `performance.now()` when it was sent. */
  at: number;
  from: string;
  /** Of HTTP; or why nothing was answered. */
  status: number | string;
}

/** How many requests of a client are under way at a time, and how long each rests between them. */
const [WORKERS, REST_MS] = [2, 8];

/** Requests that go on, from each cluster, until stopped; counted at the backends. */
export class Traffic {
  readonly sent: Sent[] = [];
  private isOver = false;
  private readonly workers: Promise<void>[];

  constructor(
    clients: readonly Client[],
    private readonly backends: readonly Backend[],
    private readonly host: string,
  ) {
    this.workers = clients.flatMap((one) => Array.from({ length: WORKERS }, () => this.work(one)));
  }

  private async work({ cluster, address }: Client): Promise<void> {
    const agent = keepAliveAgent(1);
    while (!this.isOver) {
      const at = performance.now();
      const headers = { "x-source": cluster, "x-sent": String(at) };
      const status = await send({ address, host: this.host, headers, agent }).then(
        (answer) => answer.status,
        (error: unknown) => (error as Error).message,
      );
      this.sent.push({ at, from: cluster, status });
      await sleep(REST_MS);
    }
    agent.destroy();
  }

  /** What was not answered with 200, since then: how many, by status. */
  failed(since = 0, until = Infinity): Record<string, number> {
    const all = this.sent.filter(({ at, status }) => status !== 200 && at >= since && at < until);
    return countBy(all, ({ status }) => status);
  }

  /** When those were sent that another cluster's backend got, since then. */
  crossed(since = 0, until = Infinity): number[] {
    return this.received(({ cluster }, { source }) => source !== cluster, since)
      .map(sentAt)
      .filter((at) => at < until)
      .sort((a, b) => a - b);
  }

  /** How many each backend got, since then, by its name. */
  shares(since = 0): Record<string, number> {
    const counts = this.backends.map(
      (one) => [one.name, one.received.filter((request) => sentAt(request) >= since).length] as const,
    );
    return Object.fromEntries(counts);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.workers);
    for (const one of this.backends) one.reset();
  }

  private received(is: (backend: Backend, request: Received) => boolean, since: number): Received[] {
    return this.backends.flatMap((backend) =>
      backend.received.filter((request) => sentAt(request) >= since && is(backend, request)),
    );
  }
}

const sentAt = ({ headers }: Received) => Number(headers["x-sent"]);
