import { GROUP } from "./crd/names.ts";
import type { ServicePlan } from "./plan.ts";

export const APPROVED = `${GROUP}/approved`;
/** Fewer are no large change, however small the mesh is. */
const FEW = 10;

/**
 * The services that are not to be moved yet, by host: when more than `percent` of the mesh's would be kept local at once, those of
 * policies wait whose current generation nobody approved. What is held already stays held.
 */
export function needsApproval(
  services: readonly ServicePlan[],
  held: ReadonlySet<string>,
  total: number,
  percent: number,
): Map<string, Pick<ServicePlan, "state" | "message">> {
  const added = services.filter(({ state, host }) => state === "Held" && !held.has(host));
  if (added.length <= FEW || added.length <= (total * percent) / 100) return new Map();
  return new Map(
    added
      .filter(({ owner }) => owner.annotations[APPROVED] !== String(owner.generation))
      .map(({ host, owner }) => {
        const of = `${added.length} of ${total} services would be kept local at once (more than ${percent}%)`;
        const help = `annotation ${APPROVED}: "${owner.generation}"`;
        return [host, { state: "Waiting" as const, message: `waits for approval: ${of}; ${help}` }];
      }),
  );
}
