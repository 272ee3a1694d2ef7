import { docker } from "./docker.ts";
import { findOnPath, resolveEnvoy } from "./resolve.ts";
import { makeStandIn } from "./stand-in.ts";
import { npmForStandIn } from "./stand-in-npm.ts";
import { pinnedVersion } from "./version.ts";

/** The images that containers are started from, in the environment variables that docker-compose.yaml reads. */
export interface Images {
  ENVOY_IMAGE: string;
  NODE_IMAGE: string;
}

/** The official ones: what docker-compose.yaml uses when nothing else is said. */
export const officialImages: Images = {
  ENVOY_IMAGE: `envoyproxy/envoy:v${pinnedVersion}`,
  NODE_IMAGE: "node:22-bookworm-slim",
};

type Log = (line: string) => void;

/**
 * For each image what the environment says, else the official one if the engine has it or can pull it, else a stand-in made
 * on this machine. `log` is told of what takes long and of what was taken instead of what.
 */
export async function findImages(log: Log = () => {}, env: NodeJS.ProcessEnv = process.env): Promise<Images> {
  const images = { ...officialImages };
  for (const name of Object.keys(images) as (keyof Images)[]) {
    const wanted = env[name];
    if (wanted) {
      images[name] = wanted;
      continue;
    }
    const problem = await whyAbsent(images[name]);
    if (problem === undefined) continue;
    const standIn = await standIns[name](log);
    log(`${standIn} stands in for ${images[name]} (${problem})`);
    images[name] = standIn;
  }
  return images;
}

/** Makes both stand-ins and returns their names. */
export async function makeStandIns(log: Log = () => {}): Promise<Images> {
  return { ENVOY_IMAGE: await standIns.ENVOY_IMAGE(log), NODE_IMAGE: await standIns.NODE_IMAGE(log) };
}

// With bash, which the official images have, too: the health checks of docker-compose.yaml use it.
const standIns: Record<keyof Images, (log: Log) => Promise<string>> = {
  async ENVOY_IMAGE(log) {
    const { path, version } = await resolveEnvoy({ log });
    return makeStandIn({ image: `cluster-local-envoy:${version}`, programs: [path, program("bash")] });
  },
  NODE_IMAGE: () =>
    makeStandIn({
      image: `cluster-local-node:${process.versions.node}`,
      programs: [process.execPath, program("bash"), program("env")],
      ...npmForStandIn(),
    }),
};

function program(name: string): string {
  const path = findOnPath(name, process.env.PATH ?? "");
  if (path === undefined) throw new Error(`a stand-in image needs ${name}, and there is none on PATH`);
  return path;
}

/** Why an image cannot be used; undefined when the engine has it, or has pulled it now. */
async function whyAbsent(image: string): Promise<string | undefined> {
  try {
    await docker(["image", "inspect", image]);
    return undefined;
  } catch {
    // not there yet
  }
  try {
    await docker(["pull", "--quiet", image], { timeoutMs: 300_000 });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
