import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";
import { names } from "../names.ts";

/** Whether Envoy refused an update: of the filter's configuration, of a listener or a cluster. */
export function checkRefused(facts: Facts): Finding[] {
  const { rejected } = facts.state;
  return [
    ...ofTheFilter(facts),
    ...(rejected.length > 0
      ? [
          {
            check: "refused" as const,
            level: "error" as const,
            message: `${names(rejected.map(({ resource }) => resource))}: Envoy refused the latest update, and goes on with the one before`,
            evidence: rejected.slice(0, 3).map(({ resource, reason }) => `${resource}: ${reason}`),
            remedy: "correct what its control plane, or the file that it reads, says",
          },
        ]
      : []),
  ];
}

/** Whether it was the last configuration that was refused. */
function ofTheFilter({ state, plugin, problems, refused }: Facts): Finding[] {
  if (!plugin?.discovered) return [];
  const stat = (name: string) => {
    const full = `extension_config_discovery.http_filter.${plugin.name}.${name}`;
    return { value: state.stats.get(full) ?? 0, evidence: `${full}: ${state.stats.get(full) ?? 0}` };
  };
  const rejected = stat("update_rejected");
  const times = count(rejected.value, "update");
  if (refused) {
    const never = stat("update_success").value === 0;
    return [
      {
        check: "refused",
        level: "error",
        message: never
          ? "Envoy refused its only configuration: every request of its listeners gets 500"
          : "Envoy refused the latest configuration, and goes on with the one before",
        evidence: [
          rejected.evidence,
          `refused at ${plugin.updated ?? "an unknown time"}`,
          ...problems.slice(0, 5),
        ],
        remedy:
          problems.length > 0
            ? "correct what is listed and apply it again"
            : "the filter's reason is in Envoy's log, at error level; correct it and apply it again",
      },
    ];
  }
  if (rejected.value > 0)
    return [
      {
        check: "refused",
        level: "note",
        message: `${times} refused since Envoy started; a later one was accepted`,
        evidence: [rejected.evidence],
      },
    ];
  return [{ check: "refused", level: "ok", message: "no update was refused", evidence: [rejected.evidence] }];
}
