import type { HttpFilter, Manager } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";
import { names } from "../names.ts";

const PROJECT =
  "generate the configuration again (cluster-local generate envoy, or generate istio) and apply it";

/** Whether the filter is in the chains of the listeners that requests leave by, and only there. */
export function checkFilter({ outbound, state, plugin, istio }: Facts): Finding[] {
  const has = ({ filters }: Manager) => filters.some(({ ours }) => ours);
  const [withFilter, without] = [outbound.filter(has), outbound.filter((manager) => !has(manager))];
  const inbound = state.managers.filter((manager) => manager.direction === "inbound" && has(manager));
  const listeners = (managers: Manager[]) => names(managers.map(({ listener }) => listener));
  if (withFilter.length === 0) {
    const edge = outbound.length > 0 && outbound.every((manager) => manager.edge);
    const seen = outbound[0] && `${outbound[0].listener}: ${chain(outbound[0].filters)}`;
    return [
      {
        check: "filter",
        // Gateways bring requests to wherever their routes say. On Istio strict rules hold without the filter (--policy looks).
        level: edge || istio ? "note" : "error",
        message:
          outbound.length === 0 ? "no listener for HTTP requests that leave" : "the filter is in no listener",
        evidence: [seen ?? "/config_dump has no outbound HTTP connection manager"],
        remedy: `${PROJECT}; on Istio, where a rule needs the filter: is there a WasmPlugin or TrafficExtension for this workload?`,
      },
    ];
  }
  const findings: Finding[] = [];
  if (plugin === undefined)
    findings.push({
      check: "filter",
      level: "error",
      message: "the filter has no configuration yet: every request of its listeners gets 500 (NFCF)",
      evidence: [`${listeners(withFilter)}: waits for extension discovery, /config_dump has none`],
      remedy:
        "is the file that it is discovered from there and right, or the control plane up? Envoy's log says why a configuration or the module was refused",
    });
  if (without.length > 0)
    findings.push({
      check: "filter",
      level: "warning",
      message: `requests that leave by ${count(without.length, "listener")} pass no filter`,
      evidence: [`without: ${listeners(without)}; with: ${listeners(withFilter)}`],
      remedy: "put the filter into each outbound listener, unless these are meant to be left alone",
    });
  if (inbound.length > 0)
    findings.push({
      check: "filter",
      level: "warning",
      message: "the filter is on inbound listeners, where it has nothing to pin and costs time",
      evidence: [listeners(inbound)],
      remedy: "on Istio: match: [{mode: CLIENT}] in the WasmPlugin",
    });
  if (findings.length > 0) return findings;
  const message = `the filter is in ${count(withFilter.length, "outbound listener")}`;
  return [{ check: "filter", level: "ok", message, evidence: [listeners(withFilter)] }];
}

/** The filters of a chain, in order, by the names that Envoy's documentation uses. */
export function chain(filters: readonly HttpFilter[]): string {
  return filters.map(({ name }) => name.replace(/^envoy\.filters\.http\./, "")).join(" > ");
}
