import { at, itemsOf, numberOf } from "../../input/loose.ts";
import type { Upstream } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Governed } from "../governed.ts";
import { count } from "../../input/words.ts";
import { names } from "../names.ts";

/** Envoy's default, in percent (Cluster.CommonLbConfig.healthy_panic_threshold). */
const DEFAULT = 50;

/** Whether Envoy leaves dead endpoints alone: only then does strict fail at once, and prefer move on. */
export function checkPanic({ governed, clusters }: Facts): Finding[] {
  const pinned = governed.filter(({ pins }) => pins.length > 0);
  if (pinned.length === 0) return [];
  /** The Envoy clusters that a service's pins lead to. */
  const used = ({ pins, routes }: Governed): Upstream[] => {
    const targets = pins.flatMap((pin) => routes.flatMap((route) => [...route.clustersFor(pin)]));
    return [...new Set(targets)]
      .flatMap((target) => clusters.membersOf(target))
      .flatMap((member) => clusters.get(member) ?? []);
  };
  const inPanic = pinned.filter((service) => used(service).some((upstream) => threshold(upstream) > 0));
  const blind = pinned.filter((service) => used(service).some(({ config }) => isBlind(config)));
  const findings: Finding[] = [];
  if (inPanic.length > 0)
    findings.push({
      check: "panic",
      level: inPanic.some(({ mode }) => mode === "prefer") ? "error" : "warning",
      message: `${names(inPanic.map(({ name }) => name))}: when most local endpoints are dead, Envoy still sends to them: prefer never moves on, strict waits`,
      evidence: inPanic.slice(0, 3).map((service) => {
        const highest = Math.max(...used(service).map(threshold));
        return `${service.name}: healthy_panic_threshold ${highest}%`;
      }),
      remedy:
        "common_lb_config: {healthy_panic_threshold: {value: 0}}; on Istio leave outlierDetection.minHealthPercent of the DestinationRule at 0",
    });
  if (blind.length > 0)
    findings.push({
      check: "panic",
      level: "warning",
      message: `${names(blind.map(({ name }) => name))}: nothing tells Envoy that endpoints are dead`,
      evidence: [`no health_checks and no outlier_detection for ${count(blind.length, "service")}`],
      remedy: "health_checks, as the generator writes them",
    });
  if (findings.length > 0) return findings;
  const evidence = [`healthy_panic_threshold 0 for ${count(pinned.length, "service")}`];
  return [{ check: "panic", level: "ok", message: "endpoints known to be dead are left alone", evidence }];
}

function threshold({ config }: Pick<Upstream, "config">): number {
  const written = at(config, "common_lb_config", "healthy_panic_threshold");
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
