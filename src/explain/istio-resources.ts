import { itemsOf, textsOf } from "../input/loose.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import type { Rule } from "../istio/obeyed.ts";
import { writtenIn } from "../istio/routes.ts";
import { destinationsOf, type Imports } from "../istio/sidecars.ts";
import { byAge, isVisible } from "../istio/visibility.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio } from "../targets/istio/index.ts";
import type { IstioOptions } from "../targets/istio/options.ts";
import type { IstioProxy } from "./istio-match.ts";
import { Patches, type PatchedProxy } from "./istio-patches.ts";
import type { Routed } from "./istio-routes.ts";
import type { Configured } from "./istio-upstream.ts";

/** The part of generate's options on which an answer depends. */
export interface ExplainOptions {
  routing?: IstioOptions["routing"] | undefined;
  rootNamespace?: string | undefined;
  /** The istiod of the proxies. Default: default. */
  revision?: string | undefined;
}

/** As for `generate istio`, whose defaults these are; the filter is taken to be there. */
export function optionsFrom({
  routing = "auto",
  rootNamespace = "istio-system",
}: ExplainOptions = {}): IstioOptions {
  return {
    ...{ routing, rootNamespace, pluginApi: "wasmplugin" },
    ...{ image: "file:///plugin.wasm", failClosed: false },
  };
}

/** The user's DestinationRules and ours, the oldest first, and what our EnvoyFilters and MeshConfig say. */
interface Applied {
  destinationRules: readonly Rule[];
  envoyFilters: readonly Pick<KubeObject, "spec">[];
  settings: readonly unknown[];
}

/** What an explanation of a mesh is made of: the user's resources with what would be generated, and with what is applied. */
export class Mesh {
  /** The oldest first, as istiod sorts them. */
  readonly virtualServices: readonly KubeObject[];
  /** Why the requests for a host are left alone. */
  readonly leftOut: (host: string) => string | undefined;
  private readonly generated: Applied;
  /** Undefined where the inventory has nothing of ours. */
  private readonly applied: Applied | undefined;
  private readonly patches = new Map<string, Patches>();

  constructor(
    readonly policy: Policy,
    readonly inventory: Inventory,
    readonly options: IstioOptions,
  ) {
    const { virtualServices, destinationRules, ours } = inventory;
    this.virtualServices = [...virtualServices].sort(byAge);
    const { resources, meshConfig, leftOut } = generateIstio(policy, { ...inventory, ours: [] }, options);
    const out = new Map(
      leftOut.map(({ host, service, why, edit }) => [
        host,
        `generate istio leaves ${service} out: ${why} (${edit})`,
      ]),
    );
    this.leftOut = (host) => out.get(host);
    const of = <O extends { kind: string }>(all: readonly O[], kind: string) =>
      all.filter((one) => one.kind === kind);
    const made = resources.map(({ kind, metadata: { namespace, name }, spec }) => ({
      ...{ kind, namespace, name, spec },
    }));
    this.generated = {
      // What is generated is younger than all else.
      destinationRules: [...[...destinationRules].sort(byAge), ...of(made, "DestinationRule")],
      envoyFilters: of(made, "EnvoyFilter"),
      settings: itemsOf(meshConfig?.serviceSettings),
    };
    this.applied =
      ours.length === 0
        ? undefined
        : {
            destinationRules: [...destinationRules, ...of(ours, "DestinationRule")].sort(byAge),
            envoyFilters: of([...ours].sort(byAge), "EnvoyFilter"),
            settings: [],
          };
  }

  /** The hosts that the VirtualServices lead to which sidecars of a namespace import. */
  ledBy(imports: Imports, namespace: string): string[] {
    const domain = this.policy.clusterDomain;
    const byName = new Map(this.virtualServices.map((one) => [`${one.namespace}/${one.name}`, one]));
    return this.virtualServices
      .filter((one) => {
        const hosts = textsOf(one.spec.hosts).map((host) => resolveHost(host, one.namespace, domain));
        return isVisible(one, namespace) && imports.route(hosts, one.namespace);
      })
      .flatMap((one) => destinationsOf(writtenIn(one, byName), namespace, domain));
  }

  /** What a proxy has by what would be generated, and by what is applied. */
  configured(
    proxy: IstioProxy,
    context: PatchedProxy["context"],
    imports: Configured["imports"] = () => true,
  ): Configured & Pick<Routed, "applied"> {
    const { policy, inventory, options, applied } = this;
    const at = ({ destinationRules, envoyFilters, settings }: Applied, which: string) => {
      const key = `${which} ${context} ${proxy.cluster}`;
      const patches = this.patches.get(key) ?? new Patches(envoyFilters, { cluster: proxy.cluster, context });
      this.patches.set(key, patches);
      return { destinationRules, patches, settings };
    };
    return {
      ...{ policy, inventory, proxy, imports, rootNamespace: options.rootNamespace },
      ...at(this.generated, "generated"),
      ...(applied && { applied: at(applied, "applied") }),
    };
  }
}
