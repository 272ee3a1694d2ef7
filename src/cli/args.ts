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
