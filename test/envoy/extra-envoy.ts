import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { freePort } from "../../envoy/ports.ts";
import { startEnvoy, type EnvoyProcess } from "../../envoy/process.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { inOne, type Bootstrap } from "../support/in-one.ts";
import type { TestMesh } from "../support/mesh.ts";

export { managerOf, type Bootstrap, type HttpConnectionManager, type Listener } from "../support/in-one.ts";

/** An Envoy of a mesh's caller that was changed by hand. */
export interface ExtraEnvoy {
  envoy: EnvoyProcess;
  /** Of its first listener. */
  address: string;
  /** Its own copy of the caller's ECDS file. */
  ecds: string;
}

/**
 * Starts another Envoy like a caller's, on ports of its own and with an ECDS file of its own, after `change` had its way
 * with the bootstrap. What cannot be said in mesh.yaml is tested so. `binary`: another Envoy than the tests' own.
 */
export async function startExtra(
  mesh: TestMesh,
  caller: string,
  name: string,
  change: (bootstrap: Bootstrap) => void,
  binary?: string,
): Promise<ExtraEnvoy> {
  const original = mesh.caller(caller);
  const folder = join(mesh.dir, name);
  await mkdir(folder);
  // A folder of its own: it is the folder that Envoy watches for a rename.
  const ecds = join(folder, basename(original.ecds));
  await writeFile(ecds, await readFile(original.ecds));
  const bootstrap = await inOne(original.folder, folder);
  const [port, admin] = [await freePort(), await freePort()];
  bootstrap.static_resources.listeners[0]!.address.socket_address.port_value = port;
  bootstrap.admin.address.socket_address.port_value = admin;
  change(bootstrap);
  const config = join(folder, "envoy.yaml");
  await writeFile(
    config,
    stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE", aliasDuplicateObjects: false }),
  );
  const path = binary ?? (await resolveEnvoy()).path;
  const args = ["--component-log-level", "wasm:info"];
  const envoy = await startEnvoy({ path, config, admin: `127.0.0.1:${admin}`, name, args });
  return { envoy, address: `127.0.0.1:${port}`, ecds };
}
