import { readFileSync } from "node:fs";
import { defineCommand } from "citty";
import { fieldsOf, textOf } from "../input/loose.ts";
import { krm } from "../krm/krm.ts";
import { readResourceList, writeResourceList, type ResourceList } from "../krm/resource-list.ts";
import { FILTER } from "./args.ts";
import { BAD_INPUT, OK, type Io } from "./io.ts";

const args = {
  clusters: {
    type: "string",
    valueHint: "ID,ID",
    description:
      "The ids of the mesh's clusters, where no ClusterLocalMeshPolicy says them in spec.clusters.",
  },
  ...FILTER,
  "root-namespace": {
    type: "string",
    valueHint: "NAME",
    description: "MeshConfig's rootNamespace. Default: istio-system.",
  },
} as const;
type Args = { [Name in keyof typeof args]?: string | undefined };

/** `cluster-local krm`. The options can also stand in the data of a ConfigMap that is the function's configuration, as kpt has it. */
export function krmCommand(io: Io, read: () => string = () => readFileSync(0, "utf8")) {
  return defineCommand({
    meta: {
      name: "krm",
      description:
        "A KRM function for kustomize and kpt: reads a ResourceList with policies, adds what they make.",
    },
    args,
    run: ({ args: given }) => run(given, io, read),
  });
}

function run(given: Args, io: Io, read: () => string): number {
  let list: ResourceList;
  try {
    list = readResourceList(read());
  } catch (error) {
    io.err(`standard input: ${(error as Error).message}`);
    return BAD_INPUT;
  }
  const data = list.functionConfig?.kind === "ConfigMap" ? fieldsOf(list.functionConfig.data) : {};
  const option = (name: keyof Args) => given[name] ?? textOf(data[name]);
  const clusters = (option("clusters") ?? "").split(",").filter((id) => id !== "");
  const options = {
    ...{ image: option("image"), sha256: option("sha256") },
    rootNamespace: option("root-namespace") ?? "istio-system",
  };
  const made = krm(list, options, clusters);
  io.out(writeResourceList(made).trimEnd());
  // Who runs the function shows these.
  for (const { severity, message } of made.results ?? []) io.err(`${severity}: ${message}`);
  return made.results?.some(({ severity }) => severity === "error") ? BAD_INPUT : OK;
}
