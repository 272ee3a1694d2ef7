import type { Upstream } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { names } from "../names.ts";

/**
 * Outlier detection beside endpoints of several priorities is failover by locality: an ejected local endpoint sends
 * requests to another cluster, whatever the policy was meant to say. On Istio a DestinationRule's outlierDetection alone
 * turns it on.
 */
export function checkFailover({ state, governed, local }: Facts): Finding[] {
  const viaMetadata = true as boolean;
  // What rules pin does not pass by these clusters on Istio, and with a subset selector stays in its cluster elsewhere.
  const pinned = new Set(
    governed.flatMap(({ mode, whole }) => (mode === "strict" && whole && !viaMetadata ? [whole] : [])),
  );
  const meant = new Set(
    governed.flatMap(({ mode, whole, subsets }) => (mode === "prefer" ? [whole, ...subsets] : [])),
  );
  const movers = state.upstreams.filter(
    (upstream) => !pinned.has(upstream) && !meant.has(upstream) && movesOn(upstream, local),
  );
  if (movers.length === 0)
    return [
      {
        check: "failover",
        level: "ok",
        message: "no outlier detection moves requests to other clusters",
        evidence: ["no cluster with outlier_detection and endpoints of other clusters at a lower priority"],
      },
    ];
  const strict = movers.filter((upstream) =>
    governed.some(({ mode, whole }) => mode === "strict" && whole === upstream),
  );
  const shown = strict.length > 0 ? strict : movers;
  return [
    {
      check: "failover",
      level: "warning",
      message: `${names(shown.map(({ service }) => service))}: outlier detection turns on failover by locality: when local endpoints are ejected, requests go to other clusters`,
      evidence: shown
        .slice(0, 3)
        .map(
          ({ name, endpoints }) =>
            `${name}: outlier_detection, and at lower priority ${names(endpoints.filter(({ priority }) => priority > 0).map(({ to }) => to ?? "?"))}`,
        ),
      remedy:
        "on Istio: trafficPolicy.loadBalancer.localityLbSetting.enabled: false, or a strict rule for these services; with --routing native there is no other way",
    },
  ];
}

function movesOn({ config, endpoints }: Upstream, local: string | undefined): boolean {
  if (config.outlier_detection === undefined) return false;
  const isThere = endpoints.some(({ priority, to }) => priority === 0 && (to === undefined || to === local));
  return isThere && endpoints.some(({ priority, to }) => priority > 0 && to !== undefined && to !== local);
}
