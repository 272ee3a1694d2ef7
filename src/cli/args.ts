/** Options that several commands share. */

/** Of either kind; see readAnyInventory. */
export const INVENTORY = {
  type: "string",
  valueHint: "PATH",
  description:
    "What is in the mesh: a mesh.yaml, or Kubernetes resources in a file, in a folder, or piped in (-).",
} as const;
