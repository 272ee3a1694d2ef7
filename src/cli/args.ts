/** Options that several commands share. */

export const POLICY = {
  type: "string",
  required: true,
  valueHint: "FILE",
  description: "The policy: a file, or piped in (-).",
} as const;

/** Of either kind; see readAnyInventory. */
export const INVENTORY = {
  type: "string",
  valueHint: "PATH",
  description:
    "What is in the mesh: a mesh.yaml, or Kubernetes resources in a file, in a folder, or piped in (-).",
} as const;

/** The filter of those whose rules need one. */
export const FILTER = {
  image: {
    type: "string",
    valueHint: "URL",
    description: "Where proxies get the filter (oci://...), for rules that need it.",
  },
  sha256: { type: "string", valueHint: "HEX", description: "The checksum of the filter's image." },
} as const;
