import { freePort } from "../../../envoy/ports.ts";
import type { ApiServer } from "./api-server.ts";
import { ISTIOD } from "./build.ts";
import { eventually, Running } from "./process.ts";

/** The real istiod, with what a test reads of it. */
export interface Istiod {
  process: Running;
  /** Plain-text ADS. */
  grpc: string;
  /** For /debug/syncz and others. */
  debug: string;
}

export async function startIstiod(server: ApiServer): Promise<Istiod> {
  const [grpc, http, monitoring] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    ...{ INJECTION_WEBHOOK_CONFIG_NAME: "", VALIDATION_WEBHOOK_CONFIG_NAME: "", ENABLE_CA_SERVER: "false" },
    ...{ POD_NAMESPACE: "istio-system", CLUSTER_ID: server.cluster },
  };
  const istiod = new Running(
    "istiod",
    ISTIOD,
    [
      ...["discovery", "--kubeconfig", server.kubeconfigFile("admin"), "--clusterID", server.cluster],
      ...["--grpcAddr", `127.0.0.1:${grpc}`, "--httpAddr", `127.0.0.1:${http}`],
      ...["--monitoringAddr", `127.0.0.1:${monitoring}`, "--secureGRPCAddr", "", "--httpsAddr", ""],
    ],
    env,
    server.folder,
  );
  const debug = `http://127.0.0.1:${http}`;
  const isReady = async () => {
    if (!istiod.isRunning) throw new Error(istiod.output.slice(-3000));
    return (await fetch(`${debug}/ready`)).ok;
  };
  await eventually("istiod is ready", isReady, { withinMs: 120_000 }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${istiod.output.slice(-3000)}`);
  });
  return { process: istiod, grpc: `127.0.0.1:${grpc}`, debug };
}
