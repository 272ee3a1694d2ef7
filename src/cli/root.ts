import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import type { Command } from "./command.ts";
import type { Io } from "./io.ts";
import { packageRoot } from "./package-root.ts";

/**
 * All commands, in the order in which people come to need them. Each is made for the given outputs, so that tests can
 * listen, and loaded when it is called for.
 */
export function rootCommand(io: Io): Command {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
    description: string;
  };
  const generate = defineCommand({
    meta: { name: "generate", description: "Turns a policy into configuration." },
    subCommands: {
      envoy: async () => (await import("./generate-envoy.ts")).generateEnvoyCommand(io),
      istio: async () => (await import("./generate-istio/index.ts")).generateIstioCommand(io),
    },
  });
  const root: Command = defineCommand({
    meta: { name: "cluster-local", version, description },
    subCommands: {
      validate: async () => (await import("./validate.ts")).validateCommand(io),
      explain: async () => (await import("./explain.ts")).explainCommand(io),
      diff: async () => (await import("./diff.ts")).diffCommand(io),
      generate: () => generate,
      doctor: async () => (await import("./doctor.ts")).doctorCommand(io),
      status: async () => (await import("./status.ts")).statusCommand(io),
      controller: async () => (await import("./controller.ts")).controllerCommand(io),
      krm: async () => (await import("./krm.ts")).krmCommand(io),
      console: async () => (await import("./console.ts")).consoleCommand(io),
      schema: async () => (await import("./schema.ts")).schemaCommand(io),
      completion: async () => (await import("./completion.ts")).completionCommand(io, root),
      help: async () => (await import("./help.ts")).helpCommand(io, root),
    },
  });
  return root;
}
