import type { PluginConfig } from "../policy/plugin-config.ts";
import type { Rule } from "../policy/rules.ts";

/** The pin of an override that asks for any endpoint. */
export const ANYWHERE = "*";

/** The pins that the filter may give a caller's requests to a service, of which these rules are. */
export function pinsOf(
  { clusters = [], override }: PluginConfig,
  rules: readonly Rule[],
  local: string,
  namespace: string,
): string[] {
  const ofRules = rules.flatMap(({ mode, order = clusters }) => {
    if (mode === "strict") return [local];
    return mode === "prefer" ? [[local, ...order.filter((id) => id !== local)].join(",")] : [];
  });
  const mayAsk = override?.from.some((one) => one.toLowerCase() === namespace.toLowerCase()) ?? false;
  const asked = (mayAsk ? override!.allow : []).map((one) =>
    one === "local" ? local : one === "any" ? ANYWHERE : one,
  );
  return [...new Set([...ofRules, ...asked])];
}
