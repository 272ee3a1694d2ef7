import { at, fieldsOf, itemsOf, textOf } from "../../input/loose.ts";
import type { HttpFilter, Manager } from "../../live/state/model.ts";
import { PIN_HEADERS } from "../../policy/extras.ts";
import type { PluginConfig } from "../../policy/plugin-config.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { names } from "../names.ts";
import { chain } from "./filter.ts";

const HEADER_TO_METADATA = "envoy.extensions.filters.http.header_to_metadata.v3.Config";
/** Filters that may choose another route, or set headers, for reasons that we cannot see. */
const MAY_REROUTE = /\.(lua|ext_proc|ext_authz|golang|wasm|dynamic_modules|header_mutation|jwt_authn)\.v3\./;

/** Whether the filters around ours are where they have to be. */
export function checkOrder({ outbound, config }: Facts): Finding[] {
  const withFilter = outbound.filter(({ filters }) => filters.some(({ ours }) => ours));
  if (withFilter.length === 0) return [];
  const via = "metadata";
  const findings = [
    ...(via === "metadata" && config
      ? distinct(withFilter.flatMap((one) => checkMetadata(one, config)))
      : []),
    ...distinct(withFilter.flatMap(checkLater)),
  ];
  if (findings.length > 0) return findings;
  const evidence = [chain(withFilter[0]!.filters)];
  return [{ check: "order", level: "ok", message: "the filters around it are in the right order", evidence }];
}

/** header_to_metadata has to come after ours, and to turn both headers into what the load balancer reads. */
function checkMetadata({ filters, listener }: Manager, config: PluginConfig): Finding[] {
  const ours = filters.findIndex((filter) => filter.ours);
  const after = filters.slice(ours + 1);
  const evidence = [`${listener}: ${chain(filters)}`];
  const error = (message: string, remedy: string): Finding => ({
    check: "order",
    level: "error",
    message,
    evidence,
    remedy,
  });
  const isTheirs = ({ type }: HttpFilter) => type === HEADER_TO_METADATA;
  const headers = PIN_HEADERS;
  const theirs = after.find((filter) => isTheirs(filter) && rulesFor(filter, headers.cluster).length > 0);
  if (!theirs) {
    const before = filters.slice(0, ours).some(isTheirs);
    return [
      before
        ? error(
            "header_to_metadata is before the filter: requests are not pinned, and a client's own header is obeyed",
            "put cluster_local before envoy.filters.http.header_to_metadata",
          )
        : error(
            `no header_to_metadata after the filter reads ${headers.cluster}: requests are not pinned`,
            "put envoy.filters.http.header_to_metadata, as the generator writes it, between cluster_local and the router",
          ),
    ];
  }
  const wanted = [
    { header: headers.cluster, key: "cluster", prefer: false },
    { header: headers.order, key: "fallback_list", prefer: true },
  ];
  const prefers = config.rules.some(({ mode }) => mode === "prefer");
  return wanted.flatMap(({ header, key, prefer }) => {
    if (prefer && !prefers) return [];
    const rules = rulesFor(theirs, header);
    const writes = rules.filter(
      (rule) =>
        at(rule, "on_header_present", "metadata_namespace") === "envoy.lb" &&
        at(rule, "on_header_present", "key") === key &&
        (!prefer || at(rule, "on_header_present", "type") === "PROTOBUF_VALUE"),
    );
    if (writes.length === 0)
      return [
        error(
          `header_to_metadata does not write ${header} to envoy.lb's ${key}: ${prefer ? "prefer" : "strict"} has no effect`,
          "use the rules that the generator writes",
        ),
      ];
    if (writes.every((rule) => fieldsOf(rule).remove === true)) return [];
    return [
      {
        check: "order" as const,
        level: "warning" as const,
        message: `${header} is not removed by header_to_metadata: it reaches the backends`,
        evidence,
        remedy: "remove: true in its rule",
      },
    ];
  });
}

function rulesFor(filter: HttpFilter, header: string): unknown[] {
  return itemsOf(filter.config.request_rules).filter(
    (rule) => textOf(at(rule, "header"))?.toLowerCase() === header,
  );
}

/** What comes after the pin and may undo it. */
function checkLater({ filters, listener }: Manager): Finding[] {
  const after = filters.slice(filters.findIndex(({ ours }) => ours) + 1);
  const later = after.filter(({ type, ours }) => !ours && MAY_REROUTE.test(type));
  if (later.length === 0) return [];
  return [
    {
      check: "order",
      level: "warning",
      message: `after the filter come others that may choose another route or change its headers: ${names(later.map(({ name }) => name))}`,
      evidence: [`${listener}: ${chain(filters)}`],
      remedy: "put cluster_local after them; on Istio a lower priority in the same phase does so",
    },
  ];
}

/** The same of many listeners is said once. */
function distinct(findings: Finding[]): Finding[] {
  return findings.filter(
    (one, index) => findings.findIndex(({ message }) => message === one.message) === index,
  );
}
