import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../envoy/ports.ts";
import { startEnvoy, type EnvoyProcess } from "../../../envoy/process.ts";
import { startHelper, type BatchResult, type Helper } from "../traffic/messages.ts";
import { bootstrap } from "./bootstrap.ts";
import { cpuTime } from "./cpu.ts";
import { LOCAL, REMOTE } from "./names.ts";
import type { Variant } from "./variants.ts";

/** What one round measured of one variant. */
export interface Reading {
  /** CPU time of the Envoy process per request, in microseconds. */
  cpu: number;
  /** Latency in microseconds. */
  p50: number;
  p99: number;
}

export interface Effort {
  /** For how long to go on with new rounds; there are at least three. */
  seconds: number;
  /** Requests to each Envoy in a round, and before the first. */
  requests: number;
  warmUp: number;
  connections: number;
}

/** Readings by variant, one a round; the order of the rounds is the same for all, so that readings pair up. */
export interface Readings {
  by: Record<string, Reading[]>;
  /** How many responses of pinned variants came from another cluster. */
  crossings: number;
}

/**
 * Runs one Envoy for each variant, configured by files in `dir`, side by side, and gives each its share of every round: what disturbs the machine for
 * longer than a round disturbs all. Throws when an Envoy does not start, a request is not answered with 200, or a variant
 * that is not pinned does not use both clusters.
 */
export async function measure(
  envoyPath: string,
  all: Record<string, Variant>,
  effort: Effort,
  dir: string,
  progress: (text: string) => void,
): Promise<Readings> {
  const names = Object.keys(all);
  const helpers: Helper[] = [];
  const envoys = new Map<string, { envoy: EnvoyProcess; port: number }>();
  try {
    const backend = await startHelper("backend");
    helpers.push(backend);
    const client = await startHelper("client");
    helpers.push(client);
    const backends = await backend.ask<Record<string, number>>([LOCAL, REMOTE]);
    for (const name of names) {
      const [listener, admin] = [await freePort(), await freePort()];
      const config = join(dir, `${name}.json`);
      writeFileSync(config, bootstrap(all[name]!, { listener, admin, backends }));
      const envoy = await startEnvoy({ path: envoyPath, config, admin: `127.0.0.1:${admin}`, name });
      envoys.set(name, { envoy, port: listener });
    }

    const by: Record<string, Reading[]> = Object.fromEntries(names.map((name) => [name, []]));
    let crossings = 0;
    const batch = async (name: string, requests: number): Promise<Reading> => {
      const { envoy, port } = envoys.get(name)!;
      const before = cpuTime(envoy.pid);
      const result = await client.ask<BatchResult>({ port, requests, connections: effort.connections });
      const cpu = (cpuTime(envoy.pid) - before) / requests;
      const remote = result.servedBy[REMOTE] ?? 0;
      if (all[name]!.pinned) crossings += remote;
      else if (remote < requests / 4) throw new Error(`${name}: ${remote} of ${requests} from ${REMOTE}`);
      return { cpu, p50: result.p50, p99: result.p99 };
    };

    const checkCounter = async (name: string) => {
      const { counter } = all[name]!;
      if (counter === undefined) return;
      let counted = 0;
      for (const [key, value] of await envoys.get(name)!.envoy.admin.stats()) {
        if (key.startsWith(counter)) counted += value;
      }
      const sent = effort.warmUp + by[name]!.length * effort.requests;
      if (counted !== sent) throw new Error(`${name}: ${counter} is ${counted} after ${sent} requests`);
    };

    for (const name of names) await batch(name, effort.warmUp);
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    for (let round = 1; round <= 3 || seconds() < effort.seconds; round++) {
      progress(`round ${round}, ${seconds().toFixed(0)} of ${effort.seconds} s`);
      // Another order each round: nobody always comes after the same neighbour.
      for (const name of shuffled(names)) by[name]!.push(await batch(name, effort.requests));
    }
    for (const name of names) await checkCounter(name);
    return { by, crossings };
  } finally {
    for (const helper of helpers) helper.stop();
    await Promise.all([...envoys.values()].map(({ envoy }) => envoy.stop()));
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
