/** Starts the two test API servers with Istio's kinds and ours, and prints how to reach them; until Ctrl-C. For examples/controller. */
import { build } from "./support/build.ts";
import { apply, endpoints, namespace, service, startMesh } from "./support/mesh.ts";

await build((line) => console.log(line));
const mesh = await startMesh();
for (const kube of [mesh.one, mesh.two]) {
  await apply(kube, namespace("shop"));
  for (const [ns, name] of [
    ["default", "reviews"],
    ["default", "ratings"],
    ["shop", "cart"],
  ] as const) {
    await apply(kube, service(ns, name));
    await apply(kube, endpoints(ns, name, kube === mesh.two && name === "cart" ? [] : ["10.1.0.1"]));
  }
}
console.log(`export KUBECONFIG=${mesh.m1c1.kubeconfigFile("admin")}`);
console.log(`export CONTROLLER=${mesh.m1c1.kubeconfigFile("controller")}`);
console.log(`m1c2: ${mesh.m1c2.kubeconfigFile("admin")}`);
await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
await mesh.stop();
