import { Network, Wait, type StartedNetwork } from "testcontainers";
import type { Images } from "../../envoy/images.ts";
import { CONTROL, readComposeFile, type ComposeService } from "./compose-file.ts";
import { ServiceContainer } from "./container.ts";
import { Part } from "./part.ts";

/**
 * Starts the containers in the order of compose's `depends_on`: the apps, their sidecars, the gateway. Not `control`: the tests
 * write the Envoys' files themselves, into a folder that is mounted in place of its volume.
 */
export async function startParts(
  images: Images,
  configuration: string,
): Promise<{ parts: Map<string, Part>; gateway: string }> {
  const file = readComposeFile({ ...images });
  const networks = new Map<string, StartedNetwork>();
  for (const name of Object.keys(file.networks)) networks.set(name, await new Network().start());
  const parts = new Map<string, Part>();
  const ids = new Map<string, string>();

  const start = async (name: string, service: ComposeService) => {
    const own = new Map(
      Object.entries(service.networks ?? {}).map(([network, { aliases = [] }]) => [
        network,
        { network: networks.get(network)!, aliases },
      ]),
    );
    const shared = service.network_mode && ids.get(service.network_mode.replace("service:", ""));
    const volumes = service.volumes.map((volume) => volume.replace(/^configuration(?=:)/, configuration));
    const container = new ServiceContainer({ ...service, volumes }, shared ?? [...own.values()]);
    const port = service.ports && 8080;
    if (port) container.withExposedPorts(port).withWaitStrategy(Wait.forHttp("/productpage1", port));
    const started = await container.start();
    parts.set(name, new Part(name, started, own));
    ids.set(name, started.getId());
    return port ? `${started.getHost()}:${started.getMappedPort(port)}` : "";
  };
  const startAll = (wanted: (service: ComposeService) => boolean) =>
    allSettled(
      Object.entries(file.services)
        .filter(([name, service]) => name !== CONTROL && wanted(service))
        .map(([name, service]) => start(name, service)),
    );
  const isSidecar = ({ network_mode }: ComposeService) => network_mode !== undefined;
  const isGateway = ({ ports }: ComposeService) => ports !== undefined;
  await startAll((service) => !isSidecar(service) && !isGateway(service));
  await startAll(isSidecar);
  const [gateway] = await startAll(isGateway);
  return { parts, gateway: gateway! };
}

/** Waits for all of them, so that nothing is started any more, and then throws the first error. */
async function allSettled<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
