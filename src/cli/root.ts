import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import type { Command } from "./command.ts";
import { diffCommand } from "./diff.ts";
import { doctorCommand } from "./doctor.ts";
import { explainCommand } from "./explain.ts";
import { consoleCommand } from "./console.ts";
import { generateEnvoyCommand } from "./generate-envoy.ts";
import { generateIstioCommand } from "./generate-istio.ts";
import type { Io } from "./io.ts";
import { packageRoot } from "./package-root.ts";
import { schemaCommand } from "./schema.ts";
import { statusCommand } from "./status.ts";
import { validateCommand } from "./validate.ts";

/** All commands. Each is made for the given outputs, so that tests can listen. */
export function rootCommand(io: Io): Command {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
    description: string;
  };
  const generate = defineCommand({
    meta: { name: "generate", description: "Turns a policy into configuration." },
    subCommands: { envoy: generateEnvoyCommand(io), istio: generateIstioCommand(io) },
  });
  return defineCommand({
    meta: { name: "cluster-local", version, description },
    subCommands: {
      explain: explainCommand(io),
      diff: diffCommand(io),
      doctor: doctorCommand(io),
      status: statusCommand(io),
      generate: generate,
      schema: schemaCommand(io),
      console: consoleCommand(io),
      validate: validateCommand(io),
    },
  });
}
