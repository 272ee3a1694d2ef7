import type { Topic } from "./topic.ts";

export const OVERRIDE: Topic = {
  title: "Override: letting trusted callers send single requests elsewhere",
  text: `
For tests from inside of the mesh, some callers may say by a header where one
request is to go. Nobody may unless the policy says so:

    version: 1
    clusters: [m1c1, m1c2]
    override:
      header: x-send-to
      allow: [local, any, m1c2]
      from: [ops]
    rules:
      - services: ["*"]
        mode: strict

  header  a name that begins with x-; the filter removes it from every request,
          whoever sends it, so no backend ever sees it
  allow   local, any (no pin), or the ids of clusters
  from    the namespaces whose callers may ask; from others it is only removed

An override goes before every rule, also where none takes the service. Each is
counted: cluster_local.override.allowed and cluster_local.override.refused.
`,
};
