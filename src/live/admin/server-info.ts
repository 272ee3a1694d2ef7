import { LiveError } from "../live-error.ts";
import type { ProxySample } from "../model.ts";
import { askJson, type AdminAddress, type AdminOptions } from "./client.ts";
import { at, textOf } from "../../input/loose.ts";

/** Who answers at an admin address (envoy.admin.v3.ServerInfo, `/server_info`). Throws LiveError for what is no Envoy. */
export async function serverInfo(
  address: AdminAddress,
  options: AdminOptions,
): Promise<ProxySample["proxy"]> {
  const info = await askJson(address, "/server_info", options);
  // `<commit>/1.40.0/Clean/RELEASE/BoringSSL`; distributions put more after the number.
  const version = textOf(at(info, "version"))?.split("/")[1];
  if (version === undefined || textOf(at(info, "state")) === undefined)
    throw new LiveError(`${address.text}: answers, but is not an Envoy's admin interface`);
  const id = textOf(at(info, "node", "id")) ?? "";
  const node = (key: string) => textOf(at(info, "node", "metadata", key));
  return {
    cluster: node("CLUSTER_ID"),
    namespace: node("NAMESPACE") ?? istioNamespace(id),
    workload: node("WORKLOAD_NAME") ?? textOf(at(info, "node", "cluster")),
    id,
    version,
  };
}

/** From Istio's node id: `sidecar~10.0.0.1~reviews-v1-abc.default~default.svc.cluster.local`. */
function istioNamespace(id: string): string | undefined {
  return /^[a-z]+~[^~]*~[^~]+\.([^.~]+)~/.exec(id)?.[1];
}
