import { GenericContainer, getContainerRuntimeClient, type StartedNetwork } from "testcontainers";
import type { ComposeService } from "./compose-file.ts";

/** A network that a container is in, and the names under which it is found there. */
export interface Membership {
  network: StartedNetwork;
  aliases: string[];
}

/** A container as a service of docker-compose.yaml describes it. */
export class ServiceContainer extends GenericContainer {
  readonly #others: readonly Membership[];

  /** @param networks what it is in; or the id of the container whose network it shares */
  constructor(service: ComposeService, networks: readonly Membership[] | string) {
    super(service.image);
    this.withUser(service.user)
      .withEntrypoint(service.entrypoint)
      .withCommand(service.command)
      .withEnvironment(service.environment)
      .withDroppedCapabilities(...service.cap_drop)
      .withSecurityOpt(...service.security_opt);
    // testcontainers has no method for these two.
    this.hostConfig.ReadonlyRootfs = service.read_only;
    this.hostConfig.Binds = service.volumes;
    if (typeof networks === "string") {
      this.withNetworkMode(`container:${networks}`);
      this.#others = [];
      return;
    }
    const [first, ...others] = networks;
    this.#others = others;
    // Its own way to give a name leaves a container in the engine's default network, too, where all could reach all.
    const name = first!.network.getName();
    this.withNetworkMode(name);
    this.createOpts.NetworkingConfig = { EndpointsConfig: { [name]: { Aliases: first!.aliases } } };
  }

  protected override async containerCreated(id: string): Promise<void> {
    for (const membership of this.#others) await connect(id, membership);
  }
}

/** Puts a container into a network. */
export async function connect(id: string, { network, aliases }: Membership): Promise<void> {
  const { network: networks } = await getContainerRuntimeClient();
  await networks.getById(network.getId()).connect({ Container: id, EndpointConfig: { Aliases: aliases } });
}

/** Cuts a container off from a network: its packets go nowhere, and nobody tells those that it talked to. */
export async function disconnect(id: string, { network }: Membership): Promise<void> {
  const { network: networks } = await getContainerRuntimeClient();
  await networks.getById(network.getId()).disconnect({ Container: id, Force: true });
}
