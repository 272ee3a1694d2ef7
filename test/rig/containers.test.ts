import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { officialImages } from "../../envoy/images.ts";
import { orThrow, parseMesh } from "../../src/index.ts";
import { CONTROL, readComposeFile } from "../containers/compose-file.ts";

// What can be said of the containers without an engine to run them.

const at = (path: string) => fileURLToPath(new URL(`../../examples/bookinfo/${path}`, import.meta.url));
const meshOf = (path: string) => orThrow(parseMesh(readFileSync(at(path), "utf8"), path));
const compose = readComposeFile();
const mesh = meshOf("containers/mesh.yaml");

test("the images are the official ones unless the environment says otherwise", () => {
  const images = new Set(Object.values(compose.services).map(({ image }) => image));
  expect(images).toEqual(new Set(Object.values(officialImages)));
  const others = readComposeFile({ ENVOY_IMAGE: "e:1", NODE_IMAGE: "n:1" });
  expect(new Set(Object.values(others.services).map(({ image }) => image))).toEqual(new Set(["e:1", "n:1"]));
});

test("no container is root, and none can write, but control into the volume of the Envoys' files", () => {
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
    const writable = service.volumes.filter((volume) => !/:ro(,|$)/.test(volume));
    expect(writable).toEqual(name === CONTROL ? ["configuration:/etc/cluster-local:z"] : []);
  }
});

test("the containers' inventory is that of the example, with other addresses", () => {
  const withoutAddresses = (path: string) =>
    JSON.stringify(meshOf(path), (key, value: unknown) =>
      ["host", "port", "listener", "admin", "healthCheck"].includes(key) ? undefined : value,
    );
  expect(withoutAddresses("containers/mesh.yaml")).toBe(withoutAddresses("mesh.yaml"));
});

test("each endpoint is an app, found by that name in its own cluster's network only", () => {
  for (const { name, endpoints } of mesh.services) {
    for (const { cluster, host, port } of endpoints) {
      expect(host).toBe(`${name}.${cluster}`);
      const { environment, networks } = compose.services[`${cluster}-${name}`]!;
      expect(environment).toMatchObject({ CLUSTER: cluster, PORT: String(port) });
      const found = Object.entries(networks!).filter(([, { aliases }]) => aliases?.includes(host));
      expect(found.map(([network]) => network)).toEqual([cluster]);
    }
  }
});

test("each caller is an Envoy with its file, where its app looks for it", () => {
  for (const { cluster, name, kind, listener, admin } of mesh.callers) {
    const container = kind === "gateway" ? "gateway" : `${cluster}-${name}-sidecar`;
    const { command, environment, network_mode } = compose.services[container]!;
    expect(command).toEqual([`/etc/cluster-local/${cluster}/${name}/envoy.yaml`]);
    expect(environment).toEqual({ ADMIN_PORT: String(admin.port) });
    if (kind === "gateway") continue;
    expect(network_mode).toBe(`service:${cluster}-${name}`);
    expect(compose.services[`${cluster}-${name}`]!.environment.SIDECAR).toBe(
      `${listener.host}:${listener.port}`,
    );
  }
});

test.each([[], ["onn"]])("switch %s is refused with its usage", (...args) => {
  const { status, stderr } = spawnSync(at("switch"), args, { encoding: "utf8" });
  expect(stderr).toMatch(/^Usage: \S+switch on\|off\n$/);
  expect(status).toBe(2);
});
