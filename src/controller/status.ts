import { fieldsOf, itemsOf, type Fields } from "../input/loose.ts";
import type { ServicePlan } from "./plan.ts";
import type { PolicyObject } from "./policies.ts";
import type { Refusal } from "./merge.ts";
import type { Progress } from "./rollout.ts";

/** What a reconcile found out about a policy. */
export interface Facts {
  refused: Refusal | undefined;
  conflicts: readonly string[];
  /** The mesh's switch, and whose it is; undefined where it is on. */
  switchedOff: string | undefined;
  /** Rules that the mesh cannot be made to obey. */
  wrong: string | undefined;
  /** What could not be applied. */
  failed: readonly string[];
  /** What somebody keeps undoing. */
  undone: readonly string[];
  /** Why nothing was changed yet: a change too large. */
  held: { reason: "WaitsForApproval"; message: string } | undefined;
  services: readonly ServicePlan[];
  clusters: readonly string[];
  /** Why a cluster cannot be watched, by its id. */
  unreachable: ReadonlyMap<string, string>;
  /** Where the rollouts of its rules stand. */
  rollouts: readonly Progress[];
}

interface Condition {
  type: string;
  status: "True" | "False";
  reason: string;
  message: string;
}

/** More would not fit into an object of the API server. */
const MAX_SERVICES = 500;
const SHOWN = 5;

/** The status of a policy; conditions that stay as they are keep their times. */
export function statusOf(policy: PolicyObject, facts: Facts, now: string): Fields {
  const accepted = acceptedOf(facts);
  const programmed = programmedOf(policy, facts, accepted);
  const ready = readyOf(facts, programmed);
  const { conflicts } = facts;
  const conflicted = { type: "Conflicted", status: "True", reason: "OlderPolicy" } as const;
  const conditions: Condition[] = [
    accepted,
    programmed,
    ready,
    ...(conflicts.length > 0 ? [{ ...conflicted, message: some(conflicts) }] : []),
    ...rolledOut(facts.rollouts),
  ];
  const known = itemsOf(policy.status.conditions).map(fieldsOf);
  const named = facts.services.filter(({ mode }) => mode === "strict" || mode === "prefer");
  const held = programmed.status === "True" ? named.filter(({ state }) => state === "Held").length : 0;
  return {
    observedGeneration: policy.generation,
    summary: `${held}/${named.length}`,
    clusters: facts.clusters,
    conditions: conditions.map((one) => {
      const before = known.find(({ type }) => type === one.type);
      const lastTransitionTime = before?.status === one.status ? before.lastTransitionTime : now;
      return {
        ...one,
        message: one.message.slice(0, 4000),
        observedGeneration: policy.generation,
        lastTransitionTime,
      };
    }),
    services: [...facts.services]
      .sort((a, b) => Number(b.message !== undefined) - Number(a.message !== undefined))
      .slice(0, MAX_SERVICES)
      .map(({ service, mode, state, mechanism, endpoints, message }) => ({
        ...{ service, mode, state: programmed.status === "True" ? state : "NotHeld" },
        ...(mechanism !== undefined && { mechanism }),
        endpoints,
        ...(message !== undefined && { message }),
      })),
    // What a merge patch leaves out stays.
    ...((facts.rollouts.length > 0 || policy.status.rollouts !== undefined) && { rollouts: facts.rollouts }),
  };
}

function rolledOut(rollouts: readonly Progress[]): Condition[] {
  const first = (["WentBack", "Observing", "Progressing", "Complete"] as const).find((one) =>
    rollouts.some(({ state }) => state === one),
  );
  if (first === undefined) return [];
  const message = some(rollouts.map((one) => `spec.rules[${one.rule}] ${one.message}`));
  return [{ type: "RolledOut", status: first === "Complete" ? "True" : "False", reason: first, message }];
}

function acceptedOf({ refused }: Facts): Condition {
  const type = "Accepted";
  if (refused) return { type, status: "False", ...refused };
  return { type, status: "True", reason: "Accepted", message: "It is obeyed." };
}

function programmedOf({ spec }: PolicyObject, facts: Facts, accepted: Condition): Condition {
  const no = (reason: string, message: string): Condition => ({
    type: "Programmed",
    status: "False",
    reason,
    message,
  });
  if (accepted.status === "False") return no("NotAccepted", accepted.message);
  if (facts.switchedOff !== undefined)
    return no("SwitchedOff", `${facts.switchedOff} has spec.enabled: false.`);
  if (spec.enabled === false) return no("Disabled", "spec.enabled is false.");
  if (facts.wrong !== undefined) return no("NotExpressible", facts.wrong);
  if (facts.held) return no(facts.held.reason, facts.held.message);
  if (facts.undone.length > 0) return no("Undone", some(facts.undone));
  if (facts.failed.length > 0) return no("ApplyFailed", some(facts.failed));
  return { type: "Programmed", status: "True", reason: "Applied", message: "The mesh has what it asks for." };
}

function readyOf({ services, unreachable }: Facts, programmed: Condition): Condition {
  const type = "Ready";
  if (programmed.status === "False") return { ...programmed, type };
  const is = (status: "True" | "False", reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
  });
  const of = (state: ServicePlan["state"]) => services.filter((one) => one.state === state);
  const why = (list: readonly ServicePlan[]) =>
    some(list.map(({ service, message }) => `${service}: ${message ?? ""}`));
  const [waiting, notHeld] = [of("Waiting"), of("NotHeld")];
  if (notHeld.length > 0) return is("False", "NotHeld", why(notHeld));
  if (waiting.length > 0) return is("False", "NoLocalEndpoints", why(waiting));
  if (services.length === 0)
    return is("False", "NoService", "There is no service of those that its rules name.");
  const frozen = [...unreachable].map(
    ([id, error]) => `${id} cannot be reached (${error}); what is known of it stays`,
  );
  if (frozen.length > 0) return is("True", "ClusterUnreachable", some(frozen));
  const empty = services.filter(({ message }) => message !== undefined);
  if (empty.length > 0) return is("True", "HeldWithoutEndpoints", why(empty));
  return is("True", "Held", counted(services));
}

function counted(services: readonly ServicePlan[]): string {
  const count = (state: ServicePlan["state"]) => services.filter((one) => one.state === state).length;
  const parts = [
    `kept local: ${count("Held")}`,
    ...(count("Observed") > 0 ? [`observed: ${count("Observed")}`] : []),
    ...(count("LeftAlone") > 0 ? [`left alone: ${count("LeftAlone")}`] : []),
  ];
  return parts.join(", ");
}

function some(messages: readonly string[]): string {
  const more = messages.length - SHOWN;
  return messages.slice(0, SHOWN).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
