import { at, itemsOf, textOf } from "../../input/loose.ts";
import type { Upstream } from "../../live/state/model.ts";
import { PIN_HEADERS } from "../../policy/extras.ts";
import type { Facts, Governed } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";
import { all, names } from "../names.ts";

/** Whether a pin has an effect: what it selects by is there for each service that rules pin. */
export function checkSubsets(facts: Facts): Finding[] {
  const pinned = facts.governed.filter(({ mode }) => mode === "strict" || mode === "prefer");
  if (pinned.length === 0 || facts.config === undefined) return [];
  const via = "metadata" as string;
  const findings = via === "metadata" ? byMetadata(pinned) : byCluster(pinned, facts);
  if (findings.length > 0) return findings;
  const message = `what pins select by is there for ${all(pinned.length, "service")}`;
  return [{ check: "subsets", level: "ok", message, evidence: [names(pinned.map(({ name }) => name))] }];
}

/** Cluster.LbSubsetConfig: a selector on `cluster` that does not fall back, and a list of metadata for prefer. */
function byMetadata(pinned: readonly Governed[]): Finding[] {
  const wholes = pinned.flatMap(({ whole, ...rest }) => (whole ? [{ ...rest, whole }] : []));
  const strict = wholes.filter(({ mode }) => mode === "strict");
  const prefer = wholes.filter(({ mode }) => mode === "prefer");
  return [
    ...failing(wholes, ({ whole }) => selector(whole) === undefined, "error", {
      message: "no subset selector on the key cluster: pins have no effect, requests go anywhere",
      evidence: "lb_subset_config",
      remedy:
        "lb_subset_config as the generator writes it: subset_selectors: [{keys: [cluster], fallback_policy: NO_FALLBACK}]",
    }),
    ...failing(strict, ({ whole }) => selector(whole) !== undefined && !staysIn(whole), "error", {
      message: "the subset selector falls back: where there is no local endpoint, requests leave the cluster",
      evidence: "lb_subset_config.subset_selectors.fallback_policy",
      remedy: "fallback_policy: NO_FALLBACK in the selector",
    }),
    ...failing(
      prefer,
      ({ whole }) => at(whole.config, "lb_subset_config", "metadata_fallback_policy") !== "FALLBACK_LIST",
      "error",
      {
        message: "no metadata_fallback_policy: the order of prefer has no effect",
        evidence: "lb_subset_config.metadata_fallback_policy",
        remedy: "metadata_fallback_policy: FALLBACK_LIST",
      },
    ),
    ...failing(wholes, ({ whole }) => whole.endpoints.some(({ to }) => to === undefined), "error", {
      message: "endpoints that do not say their cluster: pinned requests never reach them",
      evidence: "filter_metadata envoy.lb cluster",
      remedy: "give each endpoint the metadata envoy.lb: {cluster: <id>}",
    }),
  ];
}

type Whole = Governed & { whole: Upstream };

function failing(
  services: readonly Whole[],
  fails: (service: Whole) => boolean,
  level: "error" | "warning",
  { message, evidence, remedy }: { message: string; evidence: string; remedy: string },
): Finding[] {
  const failed = services.filter(fails).map(({ name }) => name);
  if (failed.length === 0) return [];
  return [
    {
      check: "subsets",
      level,
      message: `${names(failed)}: ${message}`,
      evidence: [`${evidence} of ${count(failed.length, "cluster")}`],
      remedy,
    },
  ];
}

function selector({ config }: Upstream): unknown {
  return itemsOf(at(config, "lb_subset_config", "subset_selectors")).find((one) => {
    const keys = itemsOf(at(one, "keys"));
    return keys.length === 1 && keys[0] === "cluster";
  });
}

/** A selector without a policy of its own has the cluster's, which is NO_FALLBACK when left out. */
function staysIn(upstream: Upstream): boolean {
  const own = textOf(at(selector(upstream), "fallback_policy")) ?? "NOT_DEFINED";
  const inherited = textOf(at(upstream.config, "lb_subset_config", "fallback_policy")) ?? "NO_FALLBACK";
  return (own === "NOT_DEFINED" ? inherited : own) === "NO_FALLBACK";
}

/** On Istio: a cluster for the local subset, which holds local endpoints only, and routes that lead to it. */
function byCluster(pinned: readonly Governed[], { state, local }: Facts): Finding[] {
  const strict = pinned.filter(({ mode }) => mode === "strict");
  const findings: Finding[] = [];
  const isLocal = ({ subset }: Upstream) =>
    subset !== undefined && (subset === local || subset.endsWith(`-${local}`));
  const missing = strict.filter(({ subsets }) => !subsets.some(isLocal)).map(({ name }) => name);
  if (missing.length > 0)
    findings.push({
      check: "subsets",
      level: "error",
      message: `${names(missing)}: no subset for ${local ?? "the local cluster"}: pinned requests get 503 (NC), or go as if there were no rule`,
      evidence: [`/config_dump: no cluster outbound|port|${local}|host`],
      remedy:
        "apply the DestinationRules that cluster-local generate istio writes; is another DestinationRule of the same host in their way?",
    });
  const mixed = strict.flatMap(({ subsets }) =>
    subsets
      .filter(isLocal)
      .filter(({ endpoints }) => endpoints.some(({ to }) => to !== undefined && to !== local)),
  );
  if (mixed.length > 0)
    findings.push({
      check: "subsets",
      level: "error",
      message: `${names(mixed.map(({ name }) => name))}: the local subset has endpoints of other clusters`,
      evidence: mixed
        .slice(0, 3)
        .map(({ name, endpoints }) => `${name}: ${names(endpoints.map(({ to }) => to ?? "?"))}`),
      remedy: "select subsets by a label that tells clusters apart: topology.istio.io/cluster",
    });
  const headers = PIN_HEADERS;
  const [header, domains] =
    ("metadata" as string) === "cluster"
      ? [headers.target, state.routes.byClusterHeader.get(headers.target)]
      : [headers.cluster, state.routes.byHeader.get(headers.cluster)];
  const unrouted = strict.filter(({ host, port }) => {
    const own = [host, `${host}:${port}`].filter((name) => state.routes.domains.has(name));
    return own.length > 0 && !own.some((name) => domains?.has(name));
  });
  if (unrouted.length > 0)
    findings.push({
      check: "subsets",
      level: "error",
      message: `${names(unrouted.map(({ name }) => name))}: no route looks at ${header}: requests are not kept local`,
      evidence: [`/config_dump: route configurations, ${count(unrouted.length, "service")}`],
      remedy: "apply all that cluster-local generate istio writes (VirtualServices, or the EnvoyFilter)",
    });
  return findings;
}
