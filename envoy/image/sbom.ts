import { sha256 } from "./layout.ts";
import type { Part } from "./source.ts";

/** What the bill of materials is about. */
export interface Subject {
  name: string;
  version: string;
  license: string;
  module: Uint8Array;
  /** The image's, `sha256:…`. */
  digest: string;
}

/**
 * The bill of materials of the image as CycloneDX 1.6 JSON: the module, and what is compiled into it. The same image gives
 * the same text: there is no time in it, and the serial number comes from the digest.
 */
export function billOfMaterials(
  { name, version, license, module, digest }: Subject,
  parts: readonly Part[],
): string {
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidFrom(digest)}`,
    version: 1,
    metadata: {
      lifecycles: [{ phase: "build" }],
      component: {
        type: "container",
        "bom-ref": name,
        name,
        version,
        purl: `pkg:oci/${name}@${encodeURIComponent(digest)}`,
        hashes: [{ alg: "SHA-256", content: digest.replace("sha256:", "") }],
        ...licensed(license),
      },
    },
    components: [
      {
        type: "file",
        "bom-ref": "plugin.wasm",
        name: "plugin.wasm",
        version,
        description: "The module, all that runs of the image.",
        hashes: [{ alg: "SHA-256", content: sha256(module) }],
        ...licensed(license),
      },
      ...parts.map(component),
    ],
    dependencies: [
      { ref: name, dependsOn: ["plugin.wasm"] },
      { ref: "plugin.wasm", dependsOn: parts.map(purlOf) },
      ...parts.map((part) => ({ ref: purlOf(part) })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function component(part: Part): object {
  const { name, version, license, files } = part;
  return {
    type: "library",
    "bom-ref": purlOf(part),
    name,
    version,
    description: files.length
      ? `Compiled into the module, in parts: ${files.join(", ")}.`
      : "Declarations of the host's functions, which the module imports; no code.",
    ...licensed(license),
    purl: purlOf(part),
  };
}

const licensed = (id: string) => ({ licenses: [{ license: { id } }] });

/** A package URL; the @ of a scope is written %40. */
const purlOf = ({ name, version }: Part) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** A UUID of version 8 (RFC 9562: custom) out of a digest. */
function uuidFrom(digest: string): string {
  const hex = sha256(digest);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
