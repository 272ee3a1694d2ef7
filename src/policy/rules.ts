import { z } from "zod";
import { choice, distinct, exactlyOneOf, isRecord, list, number, object, someOf } from "../input/fields.ts";
import { MAX_DIGITS } from "../input/json.ts";
import {
  callerPattern,
  clusterId,
  cookieName,
  headerName,
  hostPattern,
  method,
  requestPath,
  servicePattern,
} from "./names.ts";

/** The same in the policy file and in the plugin configuration. */

export const MODES = ["strict", "prefer", "observe", "off"] as const;

const order = someOf(clusterId, "cluster ids").check(distinct).meta({
  description:
    "With mode prefer: where to go, in order, when the local cluster has no healthy endpoint. Default: the other clusters, as listed in `clusters`.",
});

const path = object({
  exact: requestPath.optional().meta({ description: "The whole path." }),
  prefix: requestPath.optional().meta({ description: "How the path begins." }),
}).check(exactlyOneOf("exact", "prefix"));

const distinctPaths = z.superRefine<unknown[]>(
  (paths, context) => {
    const seen = new Set<string>();
    paths.forEach((item, index) => {
      const { success, data } = path.safeParse(item);
      if (!success) return;
      const key = JSON.stringify([data.exact, data.prefix]);
      if (seen.has(key)) {
        context.addIssue({
          code: "custom",
          path: [index],
          message: "the same path a second time, allowed once",
          params: { code: "CL0204" },
        });
      }
      seen.add(key);
    });
  },
  { when: ({ value }) => Array.isArray(value) },
);

const sticky = object({
  header: headerName.optional().meta({ description: "The value of this header." }),
  cookie: cookieName.optional().meta({ description: "The value of this cookie." }),
}).check(exactlyOneOf("header", "cookie"));

const PERCENT = "a number from 0 to 100";

/** As the filter reads it: no sign, and no more digits than JSON text may have there. */
const percent = number(PERCENT, 0, 100)
  .refine((value) => !Object.is(value, -0), { error: PERCENT, params: { allowed: true } })
  .refine((value) => Number(value.toPrecision(MAX_DIGITS)) === value, {
    error: `${PERCENT}, of at most ${MAX_DIGITS} digits`,
    params: { allowed: true },
  });

export const rule = object({
  services: someOf(servicePattern, "patterns")
    .optional()
    .meta({ description: "Kubernetes services: namespace/name, namespace/*, or * for every service." }),
  hosts: someOf(hostPattern, "patterns").optional().meta({
    description: "Hosts by name: a whole host name, *.suffix, or * for every host, external ones too.",
  }),
  mode: choice(MODES).meta({
    description:
      "strict: the local cluster's endpoints or an error. prefer: local while one is healthy, then `order`. observe: change nothing, count what would have changed. off: leave alone.",
  }),
  order: order.optional(),
  callers: someOf(callerPattern, "callers").check(distinct).optional().meta({
    description:
      "Only requests of these callers: namespace/workload, each with a * at its end where any will do.",
  }),
  paths: someOf(path, "paths")
    .check(distinctPaths)
    .optional()
    .meta({ description: "Only requests with one of these paths; the query is no part of a path." }),
  methods: someOf(method, "methods")
    .check(distinct)
    .optional()
    .meta({ description: "Only requests with one of these methods." }),
  percent: percent.optional().meta({
    description: "The rule is for so many of its requests; the others are left alone. Default: 100.",
  }),
  sticky: sticky.optional().meta({
    description:
      "With percent: requests with the same value are all among them, or none is. Default: the header x-request-id, so each request by itself.",
  }),
}).check(
  z.superRefine(
    (rule, context) => {
      if (rule.services === undefined && rule.hosts === undefined) {
        const message = `names nothing, allowed: "services", "hosts" or both`;
        context.addIssue({ code: "custom", message, params: { code: "CL0202" } });
      }
      if (rule.order !== undefined && rule.mode !== "prefer") {
        context.addIssue({ code: "custom", path: ["order"], message: 'allowed only with mode "prefer"' });
      }
      if (rule.sticky !== undefined && rule.percent === undefined) {
        context.addIssue({ code: "custom", path: ["sticky"], message: 'allowed only with "percent"' });
      }
    },
    { when: ({ value }) => isRecord(value) },
  ),
);

export type Rule = z.output<typeof rule>;
export type Mode = Rule["mode"];

export const rules = list(rule, "rules").default([]).meta({
  description:
    "The most specific pattern wins, whatever the order: a whole name, then the longest suffix, then *. Among rules with the same pattern the first whose callers, paths and methods take the request wins; if none does, the next less specific pattern is asked. What no rule names is left alone.",
});
