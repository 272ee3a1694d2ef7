import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../envoy/ports.ts";
import { apply, type TestMesh } from "./mesh.ts";
import { CONTROL } from "./build.ts";
import { eventually, Running } from "./process.ts";

/** The real istiod of a mesh, and the agent that its Envoys ask. */
export interface Istiod {
  /** Where Envoys get their configuration. */
  agent: string;
  /** For /debug/syncz and others. */
  debug: string;
  folder: string;
  stop: () => Promise<void>;
}

/** What stock Envoys can load: filters of Istio's own build of Envoy are left out, and there is no mTLS without certificates. */
const ENVIRONMENT = {
  ...{ PILOT_ENABLE_METADATA_EXCHANGE: "false", PILOT_ENABLE_ALPN_FILTER: "false" },
  ...{ INJECTION_WEBHOOK_CONFIG_NAME: "", VALIDATION_WEBHOOK_CONFIG_NAME: "", ENABLE_CA_SERVER: "false" },
};
const MESH_CONFIG = "enableAutoMtls: false\ndefaultProviders: {metrics: []}\n";

export async function startIstiod({ m1c1, one }: TestMesh): Promise<Istiod> {
  const [metadata, data] = [{ name: "istio", namespace: "istio-system" }, { mesh: MESH_CONFIG }];
  await apply(one, { apiVersion: "v1", kind: "ConfigMap", metadata, data });
  await apply(one, {
    ...{ apiVersion: "security.istio.io/v1", kind: "PeerAuthentication" },
    metadata: { name: "plaintext", namespace: "istio-system" },
    spec: { mtls: { mode: "DISABLE" } },
  });
  const [grpc, debug, monitoring, agent] = [await port(), await port(), await port(), await port()];
  const { cluster, folder } = m1c1;
  const istiod = new Running(
    "istiod",
    CONTROL,
    [
      ...["discovery", "--kubeconfig", m1c1.kubeconfigFile("admin"), "--clusterID", cluster],
      ...["--grpcAddr", grpc, "--httpAddr", debug, "--monitoringAddr", monitoring],
      ...["--secureGRPCAddr", "", "--httpsAddr", ""],
    ],
    { ...process.env, ...ENVIRONMENT, POD_NAMESPACE: "istio-system", CLUSTER_ID: cluster },
    folder,
  );
  const modules = join(folder, "modules");
  mkdirSync(modules);
  const args = ["agent", "--istiod", grpc, "--listen", agent, "--modules", modules];
  const between = new Running("agent", CONTROL, args);
  const stop = async () => {
    await Promise.all([between.stop("SIGKILL"), istiod.stop("SIGKILL")]);
  };
  const isReady = async () => {
    if (!istiod.isRunning || !between.isRunning) throw new Error("it ended");
    return (await fetch(`http://${debug}/ready`)).ok;
  };
  await eventually("istiod is ready", isReady, { withinMs: 120_000 }).catch(async (error: unknown) => {
    await stop();
    throw new Error(`${String(error)}: ${istiod.output.slice(-3000)} ${between.output.slice(-1000)}`);
  });
  return { agent, debug: `http://${debug}`, folder, stop };
}

const port = async () => `127.0.0.1:${await freePort()}`;
