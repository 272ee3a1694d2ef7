import type { ProxySample } from "../model.ts";

/** Stats by name, of `/stats` in Envoy's text form; histograms and texts are left out. */
export function parseStats(answer: string): Map<string, number> {
  const stats = new Map<string, number>();
  for (const line of answer.split("\n")) {
    const colon = line.lastIndexOf(": ");
    const value = line.slice(colon + 2);
    if (colon > 0 && /^\d+$/.test(value)) stats.set(line.slice(0, colon), Number(value));
  }
  return stats;
}

const PREFIX = "wasmcustom.cluster_local.";
const UPSTREAM = /^upstream\.([a-z]+)\.rule=\.=(.*);\.;mode=\.=([a-z]+);\.;$/;

type Counters = Pick<ProxySample, "requests" | "upstream" | "leaked" | "forged">;

/** The filter's own counters (assembly/proxy/telemetry.ts). One that is not there has counted nothing. */
export function ourCounters(stats: ReadonlyMap<string, number>): Counters {
  const count = (name: string) => stats.get(PREFIX + name) ?? 0;
  const upstream = [...stats].flatMap(([name, count]) => {
    const parts = name.startsWith(PREFIX) ? UPSTREAM.exec(name.slice(PREFIX.length)) : null;
    return parts ? [{ where: parts[1]!, rule: parts[2]!, mode: parts[3]!, count }] : [];
  });
  return {
    requests: {
      retained: count("requests.retained"),
      preferred: count("requests.preferred"),
      observed: count("requests.observed"),
      bypassed: count("requests.bypassed"),
    },
    upstream,
    leaked: count("leaked"),
    forged: count("forged"),
  };
}
