import type { Leg } from "./istio-legs.ts";
import { divide, type Pin } from "./view.ts";

/** A destination as the patched route has it: of its endpoints those that the pin asks for. */
export function kept(leg: Leg, pin: Pin): Leg {
  if (pin.cluster === undefined && pin.order === undefined) return leg;
  const { allowed, excluded } = divide(leg.allowed, pin);
  return { ...leg, allowed, excluded: [...leg.excluded, ...excluded] };
}
