import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getContainerRuntimeClient, getReaper, LABEL_TESTCONTAINERS_SESSION_ID } from "testcontainers";
import { removeAtExit } from "../../envoy/at-exit.ts";
import type { Images } from "../../envoy/images.ts";
import { waitUntil } from "../../envoy/wait.ts";
import type { Flippable } from "../../examples/bookinfo/demo/flip.ts";
import { visit } from "../../examples/bookinfo/demo/measure.ts";
import { keepAliveAgent } from "../support/http-client.ts";
import { configure, switched, type Configuration } from "./configuration.ts";
import { removeLeftovers, removeWhenGone, type Label } from "./leftovers.ts";
import type { Part } from "./part.ts";
import { startParts } from "./start.ts";

/** The containers of docker-compose.yaml, each started by testcontainers. */
export interface Rig extends Flippable {
  /** What the engine's things that belong to it are labelled with. */
  readonly label: Label;
  /** Those whose names begin so: `parts("m1c2-")`. */
  parts(prefix: string): Part[];
  /** By its name in docker-compose.yaml. Throws when there is none. */
  part(name: string): Part;
  app(service: string, cluster: string): Part;
  /** Generates the Envoys' files anew; the filter's take effect at once, the bootstraps when an Envoy is restarted. */
  configure(configuration: Configuration): Promise<void>;
  /** Waits until both pages have the reviews of their own cluster (or, unless retained, of any) several times in a row. */
  settled(retained?: boolean): Promise<void>;
  /** Removes everything. */
  stop(): Promise<void>;
}

/** Starts it, with retention off unless the configuration says otherwise. What was started is removed when something fails. */
export async function startRig(
  images: Images,
  configuration: Configuration = { policy: switched(false) },
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "cluster-local-containers-"));
  const removeFolder = removeAtExit(folder);
  const label = await sessionLabel();
  removeWhenGone(label, folder);
  const stop = async () => {
    await removeLeftovers(label);
    removeFolder();
  };
  try {
    await configure(folder, configuration);
    const { parts, gateway } = await startParts(images, join(folder, "envoy"));
    const rig = rigOf(parts, gateway, folder, label, stop);
    await rig.settled(false);
    return rig;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Testcontainers labels all that this process makes. */
export async function sessionLabel(): Promise<Label> {
  const { sessionId } = await getReaper(await getContainerRuntimeClient());
  return `${LABEL_TESTCONTAINERS_SESSION_ID}=${sessionId}`;
}

function rigOf(
  parts: ReadonlyMap<string, Part>,
  gateway: string,
  folder: string,
  label: Label,
  stop: () => Promise<void>,
): Rig {
  const agent = keepAliveAgent();
  const rig: Rig = {
    label,
    gateway,
    agent,
    parts: (prefix) => [...parts.values()].filter(({ name }) => name.startsWith(prefix)),
    part(name) {
      const part = parts.get(name);
      if (!part) throw new Error(`no container ${name}`);
      return part;
    },
    app: (service, cluster) => rig.part(`${cluster}-${service}`),
    configure: (configuration) => configure(folder, configuration),
    setRetention: (on) => rig.configure({ policy: switched(on) }),
    async settled(retained = true) {
      const whole = async (page: 1 | 2) => {
        const { reviews } = await visit(rig, page);
        return retained ? reviews === (page === 1 ? "v1" : "v2") : reviews !== "none";
      };
      let inRow = 0;
      const isSettled = async () => {
        const both = await Promise.all([whole(1), whole(2)]).catch(() => [false]);
        inRow = both.every(Boolean) ? inRow + 1 : 0;
        return inRow >= 8;
      };
      if (!(await waitUntil(isSettled, { timeoutMs: 30_000 }))) {
        const logs = await Promise.all(
          [...parts.values()].map(async (part) => `${part.name}:\n${await part.log()}`),
        );
        throw new Error(["the pages do not have their reviews after 30 s", ...logs].join("\n"));
      }
    },
    async stop() {
      agent.destroy();
      await stop();
    },
  };
  return rig;
}
