import {
  adminAddress,
  ask,
  askDump,
  askJson,
  askPrometheus,
  overOneConnection,
  type AdminAddress,
  type AdminOptions,
} from "./admin/client.ts";
import { clusterStatuses } from "./admin/clusters.ts";
import { parseStats } from "./admin/stats.ts";
import { endpointClusters } from "./admin/endpoints.ts";
import { serverInfo } from "./admin/server-info.ts";
import { EVIDENCE, evidenceOf } from "./evidence.ts";
import { flowsOf } from "./flows.ts";
import { parsePluginConfig } from "../policy/plugin-config.ts";
import type { ProxySample } from "./model.ts";
import type { Names } from "./service-name.ts";
import type { Plugin } from "./state/model.ts";
import { discoveredPlugins } from "./state/plugins.ts";

/** The bytes of connections to upstreams; for Envoy, a regular expression (RE2). */
const BYTES = "^cluster\\..*\\.upstream_cx_[rt]x_bytes_total$";

export type SampleOptions = AdminOptions;

/**
 * Looks once at the proxy whose admin interface is at this address, `http://127.0.0.1:15000` or `127.0.0.1:15000`, with or
 * without the filter in it. Throws LiveError, whose message begins with the address: nobody answers, not in time, or what
 * answers is no Envoy.
 */
export async function sample(address: string, options: SampleOptions = {}): Promise<ProxySample> {
  const admin = adminAddress(address);
  return overOneConnection(options, (one) => sampleOver(admin, one));
}

async function sampleOver(admin: AdminAddress, options: SampleOptions): Promise<ProxySample> {
  // First alone: what is no Envoy is told so by one answer.
  const proxy = await serverInfo(admin, options);
  // One after the other: Envoy answers on one thread, and each answer is to have its own time.
  const clusters = await askJson(admin, "/clusters?format=json", options);
  const at = Date.now();
  const fixed = await askDump(admin, "static_endpoint_configs", options);
  const discovered = await askDump(admin, "dynamic_endpoint_configs", options);
  const plugins = discoveredPlugins(await askDump(admin, "ecds_filters", options));
  const stats = parseStats(await ask(admin, `/stats?filter=${encodeURIComponent(BYTES)}`, options));
  const evidence = await askPrometheus(admin, EVIDENCE, options);
  return {
    at,
    address: admin.text,
    proxy,
    flows: flowsOf(
      clusterStatuses(clusters),
      endpointClusters([...fixed, ...discovered]),
      ({ statName }) => ({
        sent: stats.get(`cluster.${statName}.upstream_cx_tx_bytes_total`) ?? 0,
        received: stats.get(`cluster.${statName}.upstream_cx_rx_bytes_total`) ?? 0,
      }),
      proxy.cluster,
      namesOf(plugins),
    ),
    ...evidenceOf(evidence),
  };
}

/** The `names` of the filter's configuration; none where it is not one of this version. */
function namesOf(plugins: readonly Plugin[]): Names {
  const [plugin] = plugins;
  if (!plugin?.text.includes('"names"')) return {};
  const parsed = parsePluginConfig(plugin.text, plugin.name);
  return (parsed.ok ? parsed.value.names : undefined) ?? {};
}
