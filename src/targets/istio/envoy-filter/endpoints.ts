import type { Fields } from "../../../input/loose.ts";
import type { DestinationRules } from "../../../istio/destination-rules.ts";
import { envoyCluster } from "../../../istio/names.ts";
import type { SubsetNames } from "../names.ts";
import type { Plan } from "../plan.ts";
import { patch } from "./patch.ts";

/** Of a port that no service has: istiod answers with no endpoints. */
const NOWHERE = 0;

/**
 * Gives each Envoy cluster of a service the endpoints of the same subset in the proxy's own cluster; and those that are not
 * known yet, of a port or a subset that is added later, none at all. Only EDS clusters take it, so no headless service,
 * ServiceEntry or passthrough has a plan with `endpoints`.
 *
 * @param used the Envoy clusters of our subsets that routes lead to, which keep their endpoints
 */
export function endpointPatches(
  { service: { host, ports } }: Plan,
  cluster: string,
  names: SubsetNames,
  rules: DestinationRules,
  used: ReadonlySet<string>,
): Fields[] {
  const proxies = { context: "SIDECAR_OUTBOUND", cluster } as const;
  const serve = (cluster: Fields, service_name: string) =>
    patch("CLUSTER", proxies, { cluster }, "MERGE", { eds_cluster_config: { service_name } });
  const all = serve({ service: host }, envoyCluster(host, NOWHERE, "nowhere"));
  const known = ports.filter(({ udp }) => udp !== true);
  const patches = known.flatMap(({ number }) =>
    ["", ...rules.subsets(host)].flatMap((subset) => {
      const own = envoyCluster(host, number, names.name(cluster, subset));
      const merged = serve({ name: envoyCluster(host, number, subset) }, own);
      return used.has(own) ? [merged, serve({ name: own }, own)] : [merged];
    }),
  );
  return [all, ...patches];
}
