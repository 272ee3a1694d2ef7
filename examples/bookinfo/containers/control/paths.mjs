import { fileURLToPath } from "node:url";

/** The clone, mounted read-only. */
export const repository = fileURLToPath(new URL("../../../..", import.meta.url));
