/** Starts the two test API servers with Istio's kinds and ours, and prints how to reach them; until Ctrl-C. For examples/controller. */
import { build } from "./support/build.ts";
import { apply, endpoints, populate, SHOP, startMesh } from "./support/mesh.ts";

await build((line) => console.log(line));
const mesh = await startMesh();
for (const kube of [mesh.one, mesh.two]) await populate(kube, ...SHOP);
await apply(mesh.two, endpoints("shop", "cart", []));
console.log(`export KUBECONFIG=${mesh.m1c1.kubeconfigFile("admin")}`);
console.log(`export CONTROLLER=${mesh.m1c1.kubeconfigFile("controller")}`);
console.log(`m1c2: ${mesh.m1c2.kubeconfigFile("admin")}`);
await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
await mesh.stop();
