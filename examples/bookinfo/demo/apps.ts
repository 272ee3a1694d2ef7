import { fileURLToPath } from "node:url";
import { startChild, type Child } from "../../../envoy/children.ts";
import { freePort } from "../../../envoy/ports.ts";
import { waitUntil } from "../../../envoy/wait.ts";
import { send } from "../../../test/support/http-client.ts";

export interface AppOptions {
  /** `reviews`: runs `apps/reviews.mjs`. */
  service: string;
  cluster: string;
  /** Where it listens: `127.0.0.1:9080`. */
  address: string;
  /** Its sidecar, when it calls others. */
  sidecar: string | undefined;
  /** Which variant, for an app that has several. */
  version: string | undefined;
  /** Told when it ends although nobody stopped it. */
  onEnd: (error: Error) => void;
}

/** Requests that an app received, by caller (`productpage.m1c1`) and path. */
export type Counts = Record<string, Record<string, number>>;

/** One of Bookinfo's services in one of the clusters: a process that can be stopped and started again. */
export class App {
  readonly name: string;
  readonly #options: AppOptions;
  #child: Child | undefined;
  #control = "";

  constructor(options: AppOptions) {
    this.#options = options;
    this.name = [options.service, options.version, "in", options.cluster].filter(Boolean).join(" ");
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const { service, cluster, address, sidecar, version } = this.#options;
    const [host, port] = address.split(":");
    const controlPort = await freePort();
    this.#control = `${host}:${controlPort}`;
    const child = await startChild(
      process.execPath,
      [fileURLToPath(new URL(`../apps/${service}.mjs`, import.meta.url))],
      {
        name: this.name,
        env: {
          ...process.env,
          HOST: host,
          PORT: port,
          CONTROL_PORT: String(controlPort),
          CLUSTER: cluster,
          ...(sidecar && { SIDECAR: sidecar }),
          ...(version && { VERSION: version }),
        },
      },
    );
    this.#child = child;
    void child.exited.then((ending) => {
      if (this.#child === child) this.#options.onEnd(new Error(endOf(this.name, ending, child.log)));
    });
    const answers = () =>
      send({ address, path: "/health" }).then(
        ({ status }) => status === 200,
        () => false,
      );
    const inTime = await waitUntil(async () => !child.running || (await answers()));
    if (!child.running) throw new Error(endOf(this.name, await child.exited, child.log));
    if (!inTime) throw new Error(`${this.name} does not answer`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.stop();
  }

  /** What it received since its start; nothing while it is stopped. */
  async counts(): Promise<Counts> {
    if (!this.#child) return {};
    return JSON.parse((await send({ address: this.#control, path: "/counts" })).body) as Counts;
  }

  /** How many requests from a caller it received since its start. */
  async countFrom(caller: string): Promise<number> {
    const counts = Object.values((await this.counts())[caller] ?? {});
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

/** What to say of a process that ended although nobody stopped it. */
export function endOf(name: string, ending: string, log: readonly string[]): string {
  return [`${name} ended (${ending}); the end of its log:`, ...log.slice(-10)].join("\n");
}
