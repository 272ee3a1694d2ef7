import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rules.ts";
import type { Headers } from "../wasm/host.ts";

/** Which of its requests a rule with `percent` is for. */
export interface Share {
  percent: number;
  /** What tells whether a request is among them: `header x-user`, `cookie session`. */
  by: string;
  /** The request has it; otherwise the answer is that for requests among them. */
  known: boolean;
}

/** The share of the rule that takes the request; undefined for a rule that takes all of its requests. */
export function shareOf(rule: Rule | undefined, headers: Headers): Share | undefined {
  if (rule?.percent === undefined || rule.percent === 100) return undefined;
  const value = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
  const { header, cookie } = rule.sticky ?? {};
  const stuck =
    cookie === undefined
      ? header !== undefined && value(header) !== ""
      : value("cookie")
          .split(/; */)
          .some((pair) => pair.startsWith(`${cookie}=`) && pair.length > cookie.length + 1);
  const known = rule.percent === 0 || stuck || value("x-request-id") !== "";
  const by = cookie === undefined ? `header ${header ?? "x-request-id"}` : `cookie ${cookie}`;
  return { percent: rule.percent, by, known };
}

/** The policy with every rule for all of its requests. */
export function wholeShare(policy: Policy): Policy {
  return {
    ...policy,
    rules: policy.rules.map((rule) => ({ ...rule, percent: undefined, sticky: undefined })),
  };
}
