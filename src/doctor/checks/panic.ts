import { at, itemsOf, numberOf } from "../../input/loose.ts";
import type { Upstream } from "../../live/state/model.ts";
import type { Facts, Governed } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";
import { names } from "../names.ts";

/** Envoy's default, in percent (Cluster.CommonLbConfig.healthy_panic_threshold). */
const DEFAULT = 50;

/** Whether Envoy leaves dead endpoints alone: only then does strict fail at once, and prefer move on. */
export function checkPanic({ governed, local }: Facts): Finding[] {
  const pinned = governed.filter(({ mode }) => mode === "strict" || mode === "prefer");
  if (pinned.length === 0) return [];
  const viaMetadata = true as boolean;
  const used = ({ whole, subsets }: Governed): Upstream[] =>
    viaMetadata
      ? whole
        ? [whole]
        : []
      : subsets.filter(({ subset }) => subset === local || subset?.endsWith(`-${local}`));
  const inPanic = pinned.filter((service) => used(service).some((upstream) => threshold(upstream) > 0));
  const blind = pinned.filter(
    (service) => viaMetadata && used(service).some(({ config }) => isBlind(config)),
  );
  return [
    ...(inPanic.length > 0
      ? [
          {
            check: "panic" as const,
            level: inPanic.some(({ mode }) => mode === "prefer") ? ("error" as const) : ("warning" as const),
            message: `${names(inPanic.map(({ name }) => name))}: when most local endpoints are dead, Envoy still sends to them: prefer never moves on, strict waits`,
            evidence: inPanic
              .slice(0, 3)
              .map((service) => `${service.name}: healthy_panic_threshold ${threshold(used(service)[0])}%`),
            remedy: viaMetadata
              ? "common_lb_config: {healthy_panic_threshold: {value: 0}}"
              : "leave outlierDetection.minHealthPercent of the DestinationRule at 0",
          },
        ]
      : []),
    ...(blind.length > 0
      ? [
          {
            check: "panic" as const,
            level: "warning" as const,
            message: `${names(blind.map(({ name }) => name))}: nothing tells Envoy that endpoints are dead`,
            evidence: [`no health_checks and no outlier_detection in ${count(blind.length, "cluster")}`],
            remedy: "health_checks, as the generator writes them",
          },
        ]
      : []),
    ...(inPanic.length + blind.length === 0
      ? [
          {
            check: "panic" as const,
            level: "ok" as const,
            message: "endpoints known to be dead are left alone",
            evidence: [`healthy_panic_threshold 0 for ${count(pinned.length, "service")}`],
          },
        ]
      : []),
  ];
}

function threshold(upstream: Upstream | undefined): number {
  const written = at(upstream?.config, "common_lb_config", "healthy_panic_threshold");
  // Of a number that is 0 there is no value.
  return written === undefined ? DEFAULT : (numberOf(at(written, "value")) ?? 0);
}

function isBlind(config: Upstream["config"]): boolean {
  return (
    itemsOf(config.health_checks).length === 0 &&
    config.outlier_detection === undefined &&
    config.type !== "EDS"
  );
}
