import { fileURLToPath } from "node:url";
import { freePort } from "../../../envoy/ports.ts";
import type { ApiServer } from "./api-server.ts";
import { eventually, Running } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export interface TestController {
  process: Running;
  metrics: () => Promise<string>;
}

/** The controller as a process of its own, with the rights that its manifests give it. */
export async function startController(
  server: ApiServer,
  args: readonly string[] = [],
): Promise<TestController> {
  const port = await freePort();
  const running = new Running(
    "controller",
    process.execPath,
    [
      ...["--import", "tsx", "src/cli/main.ts", "controller", "--cluster-id", server.cluster],
      ...["--kubeconfig", server.kubeconfigFile("controller"), "--listen", `127.0.0.1:${port}`],
      ...["--settle", "500ms", "--image", "oci://registry.example/cluster-local:1", ...args],
    ],
    process.env,
    ROOT,
  );
  const isReady = async () => {
    if (!running.isRunning) throw new Error(running.output);
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  };
  // Node reads all of the sources: on a busy machine that takes its time.
  await eventually("the controller is ready", isReady, { withinMs: 120_000 });
  const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return { process: running, metrics };
}
