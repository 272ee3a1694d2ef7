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
  const rootNamespace = textIn(args, "root-namespace") ?? "istio-system";
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(rootNamespace))
    throw new UsageError(
      `option --root-namespace: found "${rootNamespace}", allowed: the name of a namespace`,
    );
  return {
    ...{ routing, image, sha256, rootNamespace },
    pluginApi: choice("plugin-api", textIn(args, "plugin-api"), PLUGIN_APIS),
    failClosed: args["fail-closed"] === true,
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
