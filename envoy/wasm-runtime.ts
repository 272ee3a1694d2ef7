import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describeFailure } from "./version.ts";

/** The smallest module that Envoy loads: a memory, the mark of ABI 0.2.1, and an allocator that it never calls. */
const module = Buffer.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic and version
  ...section(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f]), // types: () and (i32) -> i32
  ...section(3, [2, 0, 1]), // two functions, one of each type
  ...section(5, [1, 0, 1]), // one memory of one page
  ...section(7, [
    ...[3, ...name("memory"), 2, 0],
    ...[...name("proxy_abi_version_0_2_1"), 0, 0, ...name("proxy_on_memory_allocate"), 0, 1],
  ]),
  ...section(10, [2, 2, 0, 0x0b, 4, 0, 0x41, 0, 0x0b]), // bodies: nothing, and the constant 0
]).toString("base64");

/** What messages say of an Envoy that can run no Wasm filter of any kind. */
export const withoutV8 = "built without the V8 Wasm runtime";

const type = (name: string) => `type.googleapis.com/envoy.extensions.filters.${name}`;

/** A configuration that can only be loaded by an Envoy that runs Wasm on V8. Envoy reads JSON as YAML. */
const configuration = JSON.stringify({
  static_resources: {
    listeners: [
      {
        address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
        filter_chains: [{ filters: [{ name: "http", typed_config: connectionManager() }] }],
      },
    ],
  },
});

/**
 * Throws unless an Envoy can run Wasm modules on V8, as the filter needs. One that cannot would start all the same
 * with the filter in an ECDS file, and answer every request with 500. Takes 50 ms: Envoy validates a configuration
 * with a tiny module in it (source/extensions/common/wasm/wasm_vm.cc has the message of a build without V8).
 */
export async function requireWasm(path: string, what = path): Promise<void> {
  try {
    await promisify(execFile)(path, ["--mode", "validate", "--config-yaml", configuration], {
      timeout: 20_000,
      encoding: "utf8",
    });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    throw new Error(
      /envoy\.wasm\.runtime\.v8 runtime.*compiled without support/.test(stderr)
        ? `${what} is ${withoutV8}, which the filter needs`
        : `${what} does not load a Wasm module (${describeFailure(error)})`,
      { cause: error },
    );
  }
}

function connectionManager(): object {
  const runtime = "envoy.wasm.runtime.v8";
  const wasm = { config: { vm_config: { runtime, code: { local: { inline_bytes: module } } } } };
  return {
    "@type": type("network.http_connection_manager.v3.HttpConnectionManager"),
    stat_prefix: "probe",
    route_config: {},
    http_filters: [
      { name: "wasm", typed_config: { "@type": type("http.wasm.v3.Wasm"), ...wasm } },
      { name: "router", typed_config: { "@type": type("http.router.v3.Router") } },
    ],
  };
}

/** A section of a WebAssembly module; all of these are shorter than 128 bytes. */
function section(id: number, content: number[]): number[] {
  return [id, content.length, ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}
