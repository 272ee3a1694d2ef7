import type { Topic } from "./topic.ts";

export const PATTERNS: Topic = {
  title: "Patterns: how rules name services, and which rule wins",
  text: `
Under "services", for Kubernetes services:

  default/reviews   one service
  payments/*        every service of a namespace
  *                 every Kubernetes service

Under "hosts", for names as callers write them, external ones too:

  reviews.default.svc.cluster.local    one host
  *.example.com                        every host that ends so
  *                                    every host

The most specific pattern wins, whatever the order of the file: a whole name,
then the longest suffix, then "*". Among rules with the same pattern, the first
whose callers, paths and methods take the request wins; if none does, the next
less specific pattern is asked. Upper and lower case are the same.

    version: 1
    clusters: [m1c1, m1c2]
    rules:
      - services: ["*"]
        mode: observe
      - services: ["default/*"]
        mode: prefer
      - services: [default/reviews]
        mode: strict

Here reviews is strict, the rest of its namespace prefers, all others are
observed. Which rule takes a request, and why the others do not:

    $ cluster-local explain --policy policy.yaml --cluster m1c1 --host reviews.default
`,
};
