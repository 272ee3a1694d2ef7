import type { UpstreamEndpoint } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import type { Governed } from "../governed.ts";
import { count } from "../../input/words.ts";
import { all, names } from "../names.ts";

/** Whether there are endpoints to stay with, for each service that rules govern. */
export function checkLocalEndpoints({ governed, local }: Facts): Finding[] {
  if (local === undefined) return [];
  const asked = governed.filter(({ mode }) => mode !== "off");
  if (asked.length === 0) return [];
  const findings = (["strict", "prefer", "observe"] as const).flatMap((mode) => {
    const services = asked.filter((one) => one.mode === mode);
    const own = (service: Governed) => localEndpoints(service, local);
    const without = services.filter((service) => own(service).length === 0);
    const unsaid = without.filter((service) =>
      [...allEndpoints(service).values()].some(({ to }) => to === undefined),
    );
    const absent = without.filter((service) => !unsaid.includes(service));
    const dead = services.filter(
      (service) => own(service).length > 0 && !own(service).some(({ healthy }) => healthy),
    );
    return [
      ...said(absent, mode, local, "no endpoint"),
      ...said(dead, mode, local, "no healthy endpoint"),
      ...notKnown(unsaid, local),
    ];
  });
  if (findings.length > 0) return findings;
  const message = `${all(asked.length, "governed service")} ${asked.length === 1 ? "has" : "have"} healthy endpoints in ${local}`;
  return [
    { check: "local-endpoints", level: "ok", message, evidence: [names(asked.map(({ name }) => name))] },
  ];
}

const OUTCOMES = {
  strict: ["error", "its requests get 503"],
  prefer: ["warning", "its requests go to other clusters"],
  observe: ["note", "its requests would get 503, were the rule strict"],
} as const;

function said(
  services: readonly Governed[],
  mode: keyof typeof OUTCOMES,
  local: string,
  what: string,
): Finding[] {
  if (services.length === 0) return [];
  const [level, outcome] = OUTCOMES[mode];
  const evidence = services.slice(0, 3).map((service) => {
    const own = localEndpoints(service, local);
    const all = [...allEndpoints(service).values()];
    const flags = [...new Set(own.flatMap(({ flags }) => flags))];
    return `${service.name}, rule ${service.rule}: ${own.length} of ${count(all.length, "endpoint")} in ${local}${flags.length > 0 ? ` (${flags.join(", ")})` : ""}`;
  });
  return [
    {
      check: "local-endpoints",
      level,
      message: `${names(services.map(({ name }) => name))}: ${what} in ${local}: ${services.length === 1 ? outcome : outcome.replace("its", "their")}`,
      evidence,
      ...(level !== "note" && {
        remedy:
          mode === "strict"
            ? `run the service in ${local}, or take it out of the strict rule (mode: prefer, or off)`
            : `run the service in ${local}, if that is not meant`,
      }),
    },
  ];
}

function notKnown(services: readonly Governed[], local: string): Finding[] {
  if (services.length === 0) return [];
  return [
    {
      check: "local-endpoints",
      level: "warning",
      message: `${names(services.map(({ name }) => name))}: not known whether there is an endpoint in ${local}, as endpoints do not say their cluster`,
      evidence: ["/config_dump: no metadata envoy.lb cluster, no Istio workload"],
      remedy:
        "give each endpoint the metadata envoy.lb: {cluster: <id>}; on Istio leave endpoint telemetry labels on",
    },
  ];
}

/** By address, for an endpoint stands in several Envoy clusters. */
function allEndpoints({ clusters }: Governed): Map<string, UpstreamEndpoint> {
  const all = clusters.flatMap(({ endpoints }) => endpoints);
  return new Map(all.map((endpoint) => [endpoint.address, endpoint]));
}

function localEndpoints(service: Governed, local: string): UpstreamEndpoint[] {
  return [...allEndpoints(service).values()].filter(({ to }) => to === local);
}
