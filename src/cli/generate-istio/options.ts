import type { ExplainOptions } from "../../explain/istio-resources.ts";
import { PLUGIN_APIS, ROUTINGS, type IstioOptions } from "../../targets/istio/options.ts";
import { POLICY } from "../args.ts";
import { withHint } from "../flags.ts";
import { UsageError } from "../io.ts";

export const args = {
  policy: POLICY,
  inventory: {
    type: "string",
    valueHint: "PATH",
    description:
      "What is in the mesh, as kubectl get -A -o yaml prints it: a file, a folder with files or folders called as the clusters, or - for standard input. Needed but with routing mesh-config.",
  },
  routing: {
    type: "string",
    valueHint: ROUTINGS.join("|"),
    description:
      "What keeps requests local: routes, endpoints, both where that can be (auto, the default), or a setting of the mesh.",
  },
  "plugin-api": {
    type: "string",
    valueHint: PLUGIN_APIS.join("|"),
    description: "The resource that brings the filter to the proxies. Default: wasmplugin.",
  },
  image: {
    type: "string",
    valueHint: "URL",
    description:
      "Where the proxies get the filter: oci://..., https://... or file:///... Without it there is none, and rules that need one are left out.",
  },
  sha256: { type: "string", valueHint: "HEX", description: "The checksum of the image or module." },
  "fail-closed": {
    type: "boolean",
    description:
      "Where a proxy cannot get the filter, refuse all its outbound HTTP requests (403). Default: they go where the routes say.",
  },
  "root-namespace": {
    type: "string",
    valueHint: "NAME",
    description: "MeshConfig's rootNamespace. Default: istio-system.",
  },
  revision: {
    type: "string",
    valueHint: "NAME",
    description:
      "The revision of the callers' istiod: what is for others is left out, and what is generated is for it alone. Default: default, and what is generated for all.",
  },
  out: {
    type: "string",
    valueHint: "DIR",
    description: "Write a file for each resource. Default: print them.",
  },
  report: { type: "string", valueHint: "text|json", description: "The form of the report. Default: text." },
  "all-or-nothing": {
    type: "boolean",
    description: "Make nothing where a service would be left out. Default: make all others, and exit with 3.",
  },
  check: {
    type: "string",
    valueHint: "PATH",
    description:
      "Write nothing; compare with what is applied: a folder that --out wrote, or an inventory. Exit with 1 where it differs.",
  },
  prune: {
    type: "boolean",
    description: "Only list what an earlier run made and this one does not need, as commands that delete it.",
  },
} as const;

export type Args = { [Name in keyof typeof args]?: string | boolean | undefined };

export function textIn(args: Args, name: keyof Args): string | undefined {
  return args[name] as string | undefined;
}

/** Throws UsageError. */
export function optionsOf(args: Args): IstioOptions {
  const routing = choice("routing", textIn(args, "routing"), ROUTINGS);
  const image = textIn(args, "image");
  const withImage = (["sha256", "plugin-api", "fail-closed"] as const).find((name) => args[name]);
  const filter = (["image", "sha256", "plugin-api", "fail-closed"] as const).find((name) => args[name]);
  if (routing === "mesh-config" && filter)
    throw new UsageError(`option --${filter} is for the filter, which --routing mesh-config does without`);
  if (image === undefined && withImage)
    throw new UsageError(`option --${withImage} is for the filter, and no --image says where that is`);
  if (image !== undefined && !/^(?:oci|https?|file):\/\/\S+$/.test(image))
    throw new UsageError(
      `option --image: found "${image}", allowed: a URL with oci://, https://, http:// or file://`,
    );
  const sha256 = textIn(args, "sha256");
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    throw new UsageError("option --sha256: allowed: 64 hexadecimal digits in lower case");
  return {
    ...{ routing, image, sha256 },
    rootNamespace: label("root-namespace", textIn(args, "root-namespace")) ?? "istio-system",
    revision: label("revision", textIn(args, "revision")),
    pluginApi: choice("plugin-api", textIn(args, "plugin-api"), PLUGIN_APIS),
    failClosed: args["fail-closed"] === true,
  };
}

/** A DNS label, as namespaces and revisions are called. Throws UsageError. */
function label(option: string, found: string | undefined): string | undefined {
  if (found === undefined || /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(found)) return found;
  throw new UsageError(
    `option --${option}: found "${found}", allowed: a name of lower-case letters, digits and "-"`,
  );
}

/** The options that validate and explain share with it: what is generated depends on them. */
export const MESH_ARGS = {
  routing: {
    ...args.routing,
    description: "Istio: as for generate istio, with a filter. Default: auto.",
  },
  "root-namespace": args["root-namespace"],
  revision: {
    ...args.revision,
    description: "Istio: the revision of the callers' istiod. Default: default.",
  },
} as const;

/** Throws UsageError. */
export function meshOptions(args: { [Name in keyof typeof MESH_ARGS]?: string | undefined }): ExplainOptions {
  return {
    routing: args.routing === undefined ? undefined : choice("routing", args.routing, ROUTINGS),
    rootNamespace: label("root-namespace", args["root-namespace"]),
    revision: label("revision", args.revision),
  };
}

/** One of the names; the first when none is given. Throws UsageError. */
export function choice<Names extends readonly [string, ...string[]]>(
  option: string,
  found: string | undefined,
  names: Names,
): Names[number] {
  if (found === undefined) return names[0];
  if (names.includes(found)) return found;
  throw new UsageError(withHint(`option --${option}: found "${found}"`, found, names));
}
