import { sourceDigest } from "./source.ts";

/** What package.json says that the image repeats. */
export interface Package {
  name: string;
  version: string;
  description: string;
  license: string;
}

/**
 * The image's labels: those of opencontainers/image-spec, annotations.md, and one of our own with the hash of what the module
 * is compiled from. Where the source is and which commit of it are said only when given: a build cannot know it.
 */
export function labels(
  root: string,
  about: Package,
  source?: string,
  revision?: string,
): Record<string, string> {
  const standard = {
    title: about.name,
    description: about.description,
    version: about.version,
    licenses: about.license,
    ...(source !== undefined && { source }),
    ...(revision !== undefined && { revision }),
  };
  return {
    ...Object.fromEntries(
      Object.entries(standard).map(([key, text]) => [`org.opencontainers.image.${key}`, text]),
    ),
    "cluster-local.source.sha256": sourceDigest(root),
  };
}
