import { createHash } from "node:crypto";

/** An OCI image layout (opencontainers/image-spec, image-layout.md) with one image in it. */
export interface Layout {
  /** By path in the layout's folder. */
  files: Map<string, Buffer>;
  /** Of the manifest, `sha256:…`: what `oci://…@` takes. */
  digest: string;
  /** Bytes that a registry stores: manifest, configuration and layers. */
  size: number;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Readonly<Record<string, string>>;
}

const types = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  runtime: "application/vnd.module.wasm.config.v1+json",
  module: "application/vnd.module.wasm.content.layer.v1+wasm",
} as const;

/** What the module is for (solo-io/wasm, spec/spec.md). */
const runtimeConfig = {
  type: "envoy_proxy",
  abiVersions: ["0.2.1"],
  config: { root_ids: ["cluster_local"] },
};

/** When the image says that it was made. The time of a build would make every build another image. */
const created = "1970-01-01T00:00:00Z";

/**
 * The module in the OCI form of the Wasm image specification (solo-io/wasm, spec/spec.md): two layers, one with the module
 * itself and one that says what runs it. Istio and Envoy Gateway read this form to its end and so compare its digest. Of
 * the other one, `FROM scratch` with /plugin.wasm, they read no more than the file, and take a module that was changed on
 * the way (pkg/wasm/imagefetcher.go; test/istio/image_test.go).
 *
 * The labels stand in the configuration, where image tools show them, and as annotations in the manifest, where OCI tools do.
 */
export function imageLayout(module: Buffer, labels: Readonly<Record<string, string>>, tag: string): Layout {
  const files = new Map<string, Buffer>();
  const add = (mediaType: string, content: Buffer, title?: string): Descriptor => {
    const hex = sha256(content);
    files.set(`blobs/sha256/${hex}`, content);
    return {
      mediaType,
      digest: `sha256:${hex}`,
      size: content.length,
      ...(title !== undefined && { annotations: { "org.opencontainers.image.title": title } }),
    };
  };
  const layers = [
    add(types.runtime, json(runtimeConfig), "runtime-config.json"),
    add(types.module, module, "plugin.wasm"),
  ];
  const config = add(
    types.config,
    json({
      created,
      // It runs in an Envoy on any processor. Fetchers of plugins do not look at it.
      architecture: "wasm",
      os: "wasi",
      config: { Labels: labels },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const manifest = add(
    types.manifest,
    json({ schemaVersion: 2, mediaType: types.manifest, config, layers, annotations: labels }),
  );
  files.set("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  const annotations = { "org.opencontainers.image.ref.name": tag };
  files.set(
    "index.json",
    json({ schemaVersion: 2, mediaType: types.index, manifests: [{ ...manifest, annotations }] }),
  );
  const size = [manifest, config, ...layers].reduce((sum, blob) => sum + blob.size, 0);
  return { files, digest: manifest.digest, size };
}

/** Lower case hexadecimal. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
