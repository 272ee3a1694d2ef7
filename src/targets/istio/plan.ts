import type { Code } from "../../input/kinds.ts";
import type { Governed } from "./services.ts";

/** How a service is kept local. */
export interface Plan extends Governed {
  /** The routes that lead to it are patched. */
  routes: boolean;
  /** Its Envoy clusters have the endpoints of the own cluster alone. */
  endpoints: boolean;
  /** The routes that are held by the endpoints alone, and why. */
  once: string[];
}

/** A service that a rule names and that is not kept local. */
export interface LeftOut {
  code: Code;
  /** `default/reviews`, or a host. */
  service: string;
  host: string;
  why: string;
  /** What would help. */
  edit: string;
  /** The rule that names it. */
  rule: number;
}
