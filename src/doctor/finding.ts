import type { ProxySample } from "../live/model.ts";

/** One thing that a diagnosis says of a proxy. */
export interface Finding {
  /** What was looked at: the same word in every version, for machines. */
  check: Check;
  /** error: requests leave the cluster, fail, or will. warning: they may. note: worth to know. ok: as it should be. */
  level: Level;
  message: string;
  /** What it was seen by. */
  evidence: string[];
  /** What to do about it; for errors and warnings. */
  remedy?: string;
}

export const LEVELS = ["error", "warning", "note", "ok"] as const;
export type Level = (typeof LEVELS)[number];

export type Check =
  | "reachable"
  | "version"
  | "filter"
  | "order"
  | "configuration"
  | "refused"
  | "drift"
  | "fail-open"
  | "routes"
  | "panic"
  | "failover"
  | "local-endpoints"
  | "leaks"
  | "evidence"
  | "answers";

/** What a diagnosis found at one address. */
export interface Diagnosis {
  address: string;
  /** Undefined where nobody answered. */
  proxy: ProxySample["proxy"] | undefined;
  /** The worst first. */
  findings: Finding[];
}
