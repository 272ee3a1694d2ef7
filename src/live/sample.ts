import { adminAddress, ask, askJson, type AdminOptions } from "./admin/client.ts";
import { clusterStatuses } from "./admin/clusters.ts";
import { BYTE_STATS, OUR_STATS, ourCounters, parseStats } from "./admin/counters.ts";
import { endpointClusters } from "./admin/endpoints.ts";
import { at, list } from "./admin/fields.ts";
import { serverInfo } from "./admin/server-info.ts";
import { flowsOf } from "./flows.ts";
import type { ProxySample } from "./model.ts";

export type SampleOptions = AdminOptions;

/**
 * Looks once at the proxy whose admin interface is at this address, `http://127.0.0.1:15000` or `127.0.0.1:15000`, with or
 * without the filter in it. Throws LiveError, whose message begins with the address: nobody answers, not in time, or what
 * answers is no Envoy.
 */
export async function sample(address: string, options: SampleOptions = {}): Promise<ProxySample> {
  const admin = adminAddress(address);
  // First alone: what is no Envoy is told so by one answer.
  const proxy = await serverInfo(admin, options);
  const endpointConfigs = async (resource: string) => {
    const dump = await askJson(admin, `/config_dump?include_eds&resource=${resource}`, options);
    return list(at(dump, "configs"));
  };
  const statsOf = async (filter: string) =>
    parseStats(await ask(admin, `/stats?filter=${encodeURIComponent(filter)}`, options));
  const [clusters, fixed, discovered, own, bytes] = await Promise.all([
    askJson(admin, "/clusters?format=json", options),
    endpointConfigs("static_endpoint_configs"),
    endpointConfigs("dynamic_endpoint_configs"),
    statsOf(OUR_STATS),
    statsOf(BYTE_STATS),
  ]);
  return {
    at: Date.now(),
    address,
    proxy,
    flows: flowsOf(
      clusterStatuses(clusters),
      endpointClusters([...fixed, ...discovered]),
      ({ statName }) => ({
        sent: bytes.get(`cluster.${statName}.upstream_cx_tx_bytes_total`) ?? 0,
        received: bytes.get(`cluster.${statName}.upstream_cx_rx_bytes_total`) ?? 0,
      }),
      proxy.cluster,
    ),
    ...ourCounters(own),
  };
}
