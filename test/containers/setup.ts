import type { TestProject } from "vitest/node";
import { whyNoDocker } from "../../envoy/docker.ts";
import { findImages, officialImages, type Images } from "../../envoy/images.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Why no container can be started here; empty when they can. */
    whySkipped: string;
    images: Images;
  }
}

/** Looks for an engine, and gets the images, once for all files. */
export default async function setup(project: TestProject): Promise<void> {
  const why = await whyNoDocker();
  if (why !== undefined) console.log(`The container tests are skipped: no Docker engine answers (${why}).`);
  project.provide("whySkipped", why ?? "");
  project.provide("images", why === undefined ? await findImages(console.log) : officialImages);
}
