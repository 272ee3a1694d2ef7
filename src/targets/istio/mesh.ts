import type { Problem } from "../../input/problem.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import type { Policy } from "../../policy/policy.ts";
import type { DestinationRules } from "./destination-rules.ts";
import type { Governed } from "./governed.ts";
import type { IstioOptions } from "./options.ts";
import type { Resource } from "./resource.ts";
import type { VirtualService } from "./virtual-service-shape.ts";

/** All that the parts of the output are made from. */
export interface Mesh {
  policy: Policy;
  inventory: Inventory;
  options: IstioOptions;
  governed: readonly Governed[];
  rules: DestinationRules;
  virtualServices: readonly VirtualService[];
}

/** A resource, and the hosts of the services that it was made for: none, it is for all. */
export interface Made {
  resource: Resource;
  hosts: readonly string[];
}

/** A part of the output. */
export interface Part {
  made: Made[];
  problems: Problem[];
  warnings: Problem[];
}

export function join(parts: readonly Part[]): Part {
  return {
    made: parts.flatMap(({ made }) => made),
    problems: parts.flatMap(({ problems }) => problems),
    warnings: parts.flatMap(({ warnings }) => warnings),
  };
}
