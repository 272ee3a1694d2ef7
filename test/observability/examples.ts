import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The files of examples/observability. */
export function example(name: string): string {
  return readFileSync(
    fileURLToPath(new URL(`../../examples/observability/${name}`, import.meta.url)),
    "utf8",
  );
}

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

export function alertRules(): AlertRule[] {
  const { groups } = parse(example("alerts.yaml")) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export interface Panel {
  id: number;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

export function panels(): Panel[] {
  return (JSON.parse(example("dashboard.json")) as { panels: Panel[] }).panels;
}

/** A panel's query as Grafana sends it, with all proxies chosen. */
export function filled(expr: string): string {
  return expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*");
}
