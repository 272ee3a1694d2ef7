import type { Manager } from "../../live/state/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { names } from "../names.ts";
import { chain } from "./filter.ts";

/** Filters that may choose another route for reasons that we cannot see. */
const MAY_REROUTE = /\.(lua|ext_proc|ext_authz|golang|wasm|dynamic_modules|header_mutation|jwt_authn)\.v3\./;

/** Whether what the filter decided on is what is routed in the end. */
export function checkOrder({ outbound }: Facts): Finding[] {
  const withFilter = outbound.filter(({ filters }) => filters.some(({ ours }) => ours));
  const rerouted = withFilter.find((manager) => later(manager).length > 0);
  if (withFilter.length === 0) return [];
  const { listener, filters } = rerouted ?? withFilter[0]!;
  const evidence = [`${listener}: ${chain(filters)}`];
  if (!rerouted)
    return [{ check: "order", level: "ok", message: "no filter after it chooses another route", evidence }];
  return [
    {
      check: "order",
      level: "warning",
      message: `filters after it may send a request to another service, whose rule is not asked then: ${names(later(rerouted))}`,
      evidence,
      remedy: "put cluster_local after them; on Istio a lower priority in the same phase does so",
    },
  ];
}

function later({ filters }: Manager): string[] {
  const after = filters.slice(filters.findIndex(({ ours }) => ours) + 1);
  return after.filter(({ type, ours }) => !ours && MAY_REROUTE.test(type)).map(({ name }) => name);
}
