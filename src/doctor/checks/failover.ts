import type { Upstream } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { names } from "../names.ts";

/**
 * Outlier detection beside endpoints of several priorities is failover by locality: an ejected local endpoint sends
 * requests to another cluster, whatever the policy was meant to say. On Istio a DestinationRule's outlierDetection alone
 * turns it on. What rules pin does not pass by such Envoy clusters.
 */
export function checkFailover({ state, governed, local }: Facts): Finding[] {
  const pinned = new Set(governed.flatMap(({ pins, clusters }) => (pins.length > 0 ? clusters : [])));
  const movers = state.upstreams.filter((upstream) => !pinned.has(upstream) && movesOn(upstream, local));
  if (movers.length === 0)
    return [
      {
        check: "failover",
        level: "ok",
        message: "no outlier detection moves requests to other clusters",
        evidence: ["no cluster with outlier_detection and endpoints of other clusters at a lower priority"],
      },
    ];
  return [
    {
      check: "failover",
      level: "warning",
      message: `${names(movers.map(({ service }) => service))}: outlier detection turns on failover by locality: when local endpoints are ejected, requests go to other clusters`,
      evidence: movers
        .slice(0, 3)
        .map(
          ({ name, endpoints }) =>
            `${name}: outlier_detection, and at lower priority ${names(endpoints.filter(({ priority }) => priority > 0).map(({ to }) => to ?? "?"))}`,
        ),
      remedy:
        "a strict rule for these services, or on Istio trafficPolicy.loadBalancer.localityLbSetting.enabled: false",
    },
  ];
}

function movesOn({ config, endpoints }: Upstream, local: string | undefined): boolean {
  if (config.outlier_detection === undefined) return false;
  const isThere = endpoints.some(({ priority, to }) => priority === 0 && (to === undefined || to === local));
  return isThere && endpoints.some(({ priority, to }) => priority > 0 && to !== undefined && to !== local);
}
