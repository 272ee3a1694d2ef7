import { at, itemsOf, textOf, type Fields } from "../../input/loose.ts";
import { unpack } from "./any.ts";
import type { HttpFilter, Manager } from "./model.ts";
import { isOurs } from "./plugins.ts";

/** The HTTP connection managers of envoy.admin.v3.ListenersConfigDump's listeners; `discovered` is ECDS's by name. */
export function managersOf(
  listeners: readonly { listener: Fields }[],
  discovered: ReadonlyMap<string, unknown>,
): Manager[] {
  return listeners.flatMap(({ listener }) => {
    const name = textOf(listener.name) ?? "";
    const chains = [...itemsOf(listener.filter_chains), listener.default_filter_chain];
    return chains
      .flatMap((chain) => itemsOf(at(chain, "filters")))
      .map((filter) => unpack(at(filter, "typed_config")))
      .filter(({ type }) => type.endsWith(".HttpConnectionManager"))
      .map(({ message }) => ({
        listener: name,
        direction: directionOf(textOf(listener.traffic_direction)),
        edge: message.use_remote_address === true,
        filters: itemsOf(message.http_filters).map((filter) => httpFilter(filter, discovered)),
        counts: itemsOf(message.access_log).some(countsAnswers),
      }));
  });
}

/** Whether an access logger is the one that writes `cluster_local.upstream` (envoy.extensions.access_loggers.stats.v3.Config). */
function countsAnswers(logger: unknown): boolean {
  const { type, message } = unpack(at(logger, "typed_config"));
  if (type !== "envoy.extensions.access_loggers.stats.v3.Config") return false;
  return itemsOf(message.counters).some((one) => {
    const tags = new Set(itemsOf(at(one, "stat", "tags")).map((tag) => at(tag, "name")));
    return at(one, "stat", "name") === "upstream" && ["rule", "mode", "pin"].every((tag) => tags.has(tag));
  });
}

function directionOf(direction: string | undefined): Manager["direction"] {
  return direction === "INBOUND" ? "inbound" : direction === "OUTBOUND" ? "outbound" : "unknown";
}

function httpFilter(filter: unknown, discoveredConfigs: ReadonlyMap<string, unknown>): HttpFilter {
  const name = textOf(at(filter, "name")) ?? "";
  const discovered = at(filter, "config_discovery") !== undefined;
  const { type, message } = unpack(discovered ? discoveredConfigs.get(name) : at(filter, "typed_config"));
  // Before its first configuration is there, only its name tells.
  const ours = type === "" ? /cluster[-_]local/.test(name) : isOurs(type, message);
  return { name, type, config: message, discovered, ours };
}
