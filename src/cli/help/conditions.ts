import type { Topic } from "./topic.ts";

export const CONDITIONS: Topic = {
  title: "Conditions: rules for some callers, some requests, or a share of them",
  text: `
A rule takes every request for its services unless it says:

  callers   namespace/workload, each with a * at its end where any will do
  paths     exact: /a or prefix: /a; the query is no part of a path
  methods   GET, POST, ...
  percent   the rule is for that share of the requests that it takes; the others
            are left alone, and no other rule is asked
  sticky    with percent: requests with the same value of this header or cookie
            are all among the share, or none is. Default: each by itself

    version: 1
    clusters: [m1c1, m1c2]
    rules:
      - services: [default/reviews]
        mode: strict
        callers: [default/productpage-*]
        paths: [{prefix: /reviews/}]
        methods: [GET]
      - services: [default/reviews]
        mode: strict
        percent: 10
        sticky: {header: x-user}

The first rule takes what productpage reads; of all other requests for reviews
the second keeps ten in a hundred, always those of the same users. To roll out
step by step, raise percent: who is in stays in.

A rule with callers needs NAMESPACE and WORKLOAD_NAME in the metadata of each
proxy. Istio sets both; where one is missing, the filter refuses the
configuration rather than let through what the rule was written to hold.
`,
};
