import type { Fields } from "../input/loose.ts";
import type { RouteMatch } from "./route-match.ts";
import type { Sureness } from "./sure.ts";

/** A route as a proxy has it: one for each of its matches. */
export interface ProxyRoute {
  /** Of what it does. */
  fields: Fields;
  match: RouteMatch;
  /** In RDS; undefined for a route without. */
  name: string | undefined;
  /** How sure it is that the proxy has it. */
  sure: Exclude<Sureness, "no">;
  /** `VirtualService default/reviews, http[0] (name)`. */
  title: string;
  /** Completes the short names of its destinations. */
  namespace: string;
}
