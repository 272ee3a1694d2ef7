import { getContainerRuntimeClient, type StartedTestContainer } from "testcontainers";
import type { Counted } from "../../examples/bookinfo/demo/measure.ts";
import { askCounts, countedFrom } from "./counts.ts";
import { connect, disconnect, type Membership } from "./container.ts";

/** One container of the rig, and what can happen to it. */
export class Part implements Counted {
  /** As docker-compose.yaml calls it: `m1c1-reviews`. */
  readonly name: string;
  readonly #container: StartedTestContainer;
  readonly #networks: ReadonlyMap<string, Membership>;

  /** @param networks what it is in, by their names in docker-compose.yaml */
  constructor(name: string, container: StartedTestContainer, networks: ReadonlyMap<string, Membership>) {
    this.name = name;
    this.#container = container;
    this.#networks = networks;
  }

  /** Asks it to end, as `docker stop` does. */
  stop = () => this.#engine((container) => container.stop({ t: 5 }));
  /** Ends it at once, as a node that fails does. */
  kill = () => this.#engine((container) => container.kill());
  start = () => this.#engine((container) => container.start());
  restart = () => this.#engine((container) => container.restart({ t: 5 }));
  /** Freezes its processes: connections stay, nothing answers. */
  pause = () => this.#engine((container) => container.pause());
  unpause = () => this.#engine((container) => container.unpause());

  /** Takes it out of a network: packets between them go nowhere, and it keeps running. */
  cut = (network: string) => disconnect(this.#container.getId(), this.#networks.get(network)!);
  /** Puts it back. It may have another address afterwards. */
  heal = (network: string) => connect(this.#container.getId(), this.#networks.get(network)!);

  /** Asks the app in the container itself, which works without a network, too; not while it is paused or stopped. */
  async countFrom(caller: string): Promise<number> {
    const { exitCode, output } = await this.#container.exec(askCounts);
    if (exitCode !== 0) throw new Error(`${this.name} does not tell its counts: ${output}`);
    return countedFrom(caller, output);
  }

  /** The end of what it printed. */
  async log(): Promise<string> {
    const { container } = await getContainerRuntimeClient();
    const output = await container
      .getById(this.#container.getId())
      .logs({ stdout: true, stderr: true, tail: 20 });
    return output.toString("latin1");
  }

  async #engine(act: (container: EngineContainer) => Promise<unknown>): Promise<void> {
    const { container } = await getContainerRuntimeClient();
    await act(container.getById(this.#container.getId()));
  }
}

type EngineContainer = ReturnType<
  Awaited<ReturnType<typeof getContainerRuntimeClient>>["container"]["getById"]
>;
