import { fileURLToPath } from "node:url";
import { freePort } from "../../../envoy/ports.ts";
import type { ApiServer } from "./api-server.ts";
import { eventually, Running } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface TestController {
  process: Running;
  metrics: () => Promise<string>;
}

export interface ControllerSetup {
  args?: readonly string[];
  /** Another way to the API server. */
  kubeconfig?: string;
  /** Of the filter. */
  image?: string;
  /** istiod's debug address. Default: the controller waits by time. */
  istiod?: string;
}

/** The controller as a process of its own, with the rights that its manifests give it. */
export async function startController(
  server: ApiServer,
  setup: ControllerSetup = {},
): Promise<TestController> {
  const { args = [], kubeconfig = server.kubeconfigFile("controller"), istiod } = setup;
  const { image = "oci://registry.example/cluster-local:1" } = setup;
  const port = await freePort();
  const running = new Running(
    "controller",
    process.execPath,
    [
      ...["build/js/cli/main.js", "controller", "--cluster-id", server.cluster, "--kubeconfig", kubeconfig],
      ...["--listen", `127.0.0.1:${port}`, "--image", image],
      ...(istiod === undefined ? ["--settle", "500ms"] : ["--istiod", istiod]),
      ...args,
    ],
    process.env,
    ROOT,
  );
  const isReady = async () => {
    if (!running.isRunning) throw new Error(running.output);
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  };
  await eventually("the controller is ready", isReady, { withinMs: 120_000 });
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return { process: running, metrics };
}
