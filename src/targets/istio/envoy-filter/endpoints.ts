import type { Fields } from "../../../input/loose.ts";
import type { DestinationRules } from "../../../istio/destination-rules.ts";
import { envoyCluster } from "../../../istio/names.ts";
import type { SubsetNames } from "../names.ts";
import type { Plan } from "../plan.ts";
import { patch } from "./patch.ts";

/**
 * Gives each Envoy cluster of a service the endpoints of the same subset in the proxy's own cluster. Only EDS clusters take
 * it, so no headless service, ServiceEntry or passthrough has a plan with `endpoints`.
 */
export function endpointPatches(
  { service: { host, ports } }: Plan,
  cluster: string,
  names: SubsetNames,
  rules: DestinationRules,
): Fields[] {
  const proxies = { context: "SIDECAR_OUTBOUND", cluster } as const;
  return ports.flatMap(({ number }) =>
    ["", ...rules.subsets(host)].map((subset) => {
      const service_name = envoyCluster(host, number, names.name(cluster, subset));
      const match = { cluster: { name: envoyCluster(host, number, subset) } };
      return patch("CLUSTER", proxies, match, "MERGE", { eds_cluster_config: { service_name } });
    }),
  );
}
