import { adminAddress, ask, askJson, askPrometheus, type AdminOptions } from "./admin/client.ts";
import { clusterStatuses } from "./admin/clusters.ts";
import { parseStats } from "./admin/stats.ts";
import { EVIDENCE, evidenceOf } from "./evidence.ts";
import { at, fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import { serverInfo } from "./admin/server-info.ts";
import { managersOf } from "./state/listeners.ts";
import type { Plugin, ProxyState } from "./state/model.ts";
import { discoveredPlugins, pluginOf } from "./state/plugins.ts";
import { routesOf } from "./state/routes.ts";
import { upstreamsOf } from "./state/upstreams.ts";

const STATS = "^(wasm\\.|extension_config_discovery\\.)";

/** Looks at all that a diagnosis needs: the whole configuration of a proxy beside its counts. Throws LiveError. */
export async function inspect(address: string, options: AdminOptions = {}): Promise<ProxyState> {
  const admin = adminAddress(address);
  const proxy = await serverInfo(admin, options);
  // One after the other: see `sample`.
  const dump = await askJson(admin, "/config_dump?include_eds", options);
  const clusters = await askJson(admin, "/clusters?format=json", options);
  const stats = parseStats(await ask(admin, `/stats?filter=${encodeURIComponent(STATS)}`, options));
  const evidence = await askPrometheus(admin, EVIDENCE, options);
  const configs = itemsOf(at(dump, "configs"));
  const all = (key: string) => configs.flatMap((config) => itemsOf(at(config, key)));

  const ecds = all("ecds_filters");
  const discovered = new Map(
    ecds.map((one) => [textOf(at(one, "ecds_filter", "name")) ?? "", at(one, "ecds_filter", "typed_config")]),
  );
  const listeners = [
    ...all("static_listeners"),
    ...all("dynamic_listeners").map((one) => at(one, "active_state")),
  ].map((one) => ({ listener: fieldsOf(at(one, "listener")), updated: textOf(at(one, "last_updated")) }));
  const managers = managersOf(listeners, discovered);
  const routes = [...all("static_route_configs"), ...all("dynamic_route_configs")];
  return {
    address,
    proxy,
    managers,
    plugins: [
      ...discoveredPlugins(ecds),
      ...managers.flatMap(({ listener, filters }) => {
        const updated = listeners.find((one) => one.listener.name === listener)?.updated;
        const inline = filters.filter(({ ours, discovered }) => ours && !discovered);
        return inline.map(({ name, config }) => pluginOf(config, { name, discovered: false, updated }));
      }),
    ].filter(isFirst),
    upstreams: upstreamsOf(
      [...all("static_clusters"), ...all("dynamic_active_clusters")].map((one): Fields =>
        fieldsOf(at(one, "cluster")),
      ),
      [...all("static_endpoint_configs"), ...all("dynamic_endpoint_configs")].map((one) =>
        at(one, "endpoint_config"),
      ),
      clusterStatuses(clusters),
      proxy.cluster,
    ),
    rejected: [...all("dynamic_listeners"), ...all("dynamic_active_clusters")]
      .flatMap(rejectedIn)
      .filter(isNew),
    routes: routesOf(routes.map((one) => at(one, "route_config"))),
    stats,
    evidence: evidenceOf(evidence),
  };
}

/** envoy.admin.v3.UpdateFailureState, which the next good update takes away. */
function rejectedIn(one: unknown): ProxyState["rejected"] {
  const state = at(one, "error_state");
  if (state === undefined) return [];
  const resource =
    textOf(at(one, "name")) ??
    textOf(at(one, "cluster", "name")) ??
    textOf(at(state, "failed_configuration", "name")) ??
    "?";
  return [{ resource, reason: textOf(at(state, "details")) ?? "no reason given" }];
}

/** Envoy lists a listener that it has beside its error, and the error again by itself. */
function isNew(one: ProxyState["rejected"][number], index: number, all: ProxyState["rejected"]): boolean {
  return (
    all.findIndex(({ resource, reason }) => resource === one.resource && reason === one.reason) === index
  );
}

function isFirst(plugin: Plugin, index: number, all: readonly Plugin[]): boolean {
  const key = ({ name, discovered, text }: Plugin) => JSON.stringify([name, discovered, text]);
  return all.findIndex((other) => key(other) === key(plugin)) === index;
}
