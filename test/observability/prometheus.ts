import { execFileSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { removeAtExit } from "../../envoy/at-exit.ts";
import { startChild } from "../../envoy/children.ts";
import { freeAddress } from "../../envoy/ports.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { example } from "./examples.ts";

/** Why there is no Prometheus to test with; undefined where there is one. */
export function missing(): string | undefined {
  try {
    execFileSync("prometheus", ["--version"], { stdio: "pipe" });
    execFileSync("promtool", ["--version"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "no prometheus and promtool on PATH (Debian: apt-get install prometheus)";
  }
}

export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: "pending" | "firing";
}

/** A Prometheus that runs the example's configuration, but quickly, and without the patience of its alerts. */
export interface Prometheus {
  query(expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
  alerts(): Promise<Alert[]>;
  stop(): Promise<void>;
}

interface Configuration {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: { static_configs: { targets: string[] }[] }[];
}

export async function startPrometheus(targets: string[]): Promise<Prometheus> {
  const dir = await mkdtemp(join(tmpdir(), "cluster-local-prometheus-"));
  const remove = removeAtExit(dir);
  const configuration = parse(example("prometheus.yaml")) as Configuration;
  configuration.global = { scrape_interval: "1s", evaluation_interval: "1s" };
  configuration.scrape_configs[0]!.static_configs[0]!.targets = targets;
  await writeFile(join(dir, "prometheus.yaml"), stringify(configuration));
  await writeFile(join(dir, "alerts.yaml"), example("alerts.yaml").replace(/^ +for: .*\n/gm, ""));
  const address = await freeAddress();
  // prettier-ignore
  const child = await startChild("prometheus", [
    `--config.file=${join(dir, "prometheus.yaml")}`, `--storage.tsdb.path=${join(dir, "data")}`,
    `--web.listen-address=${address}`, "--log.level=warn",
  ], { name: "prometheus" });
  const api = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
    if (status !== "success") throw new Error(`Prometheus: ${error}`);
    return data;
  };
  const isReady = () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  if (!(await waitUntil(isReady, { timeoutMs: 20_000, intervalMs: 100 })))
    throw new Error(["Prometheus was not ready in time:", ...child.log.slice(-10)].join("\n"));
  return {
    query: async (expr) =>
      (
        await api<{ result: Awaited<ReturnType<Prometheus["query"]>> }>(
          `query?query=${encodeURIComponent(expr)}`,
        )
      ).result,
    alerts: async () => (await api<{ alerts: Alert[] }>("alerts")).alerts,
    async stop() {
      await child.stop();
      remove();
    },
  };
}
