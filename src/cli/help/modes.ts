import type { Topic } from "./topic.ts";

export const MODES: Topic = {
  title: "Modes: what a rule does with the requests that it takes",
  text: `
  strict   only endpoints of the caller's own cluster may answer, or nobody does
           (503). No request leaves, whatever breaks.
  prefer   local endpoints while one is healthy; then the clusters in "order",
           or, without it, the others as "clusters" lists them.
  observe  a dry run: nothing changes, but it is counted what strict would have
           kept, and what would have failed.
  off      an exclusion: left alone, although a wider pattern takes the service.

What no rule takes is left alone and not counted.

    version: 1
    clusters: [m1c1, m1c2, m1c3]
    rules:
      - services: ["payments/*"]
        mode: strict
      - services: [payments/receipts]
        mode: "off"
      - services: [checkout/cart]
        mode: prefer
        order: [m1c3, m1c2]
      - services: ["*"]
        mode: observe

"off" is in quotes because some readers of YAML take the bare word for false.

strict is for what must not leave (data, cost, a version that belongs to a
cluster). prefer is for what should not leave while all is well. Not sure? Run
observe for a day, then: cluster-local status --admin ADDRESS
`,
};
