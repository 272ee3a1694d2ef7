import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One of the two clients that docker-compose.yaml is for. */
export interface ComposeClient {
  name: string;
  command: readonly string[];
  /** What it answers when it is asked for its version. */
  version: RegExp;
  /** It is not on this machine: its tests are skipped by name. */
  missing: boolean;
}

const clients = [
  { name: "docker-compose 1.29", command: ["docker-compose"], version: /^1\.29\./ },
  { name: "docker compose v2", command: ["docker", "compose"], version: /^v?[2-9]\d*\./ },
];

export const composeClients: ComposeClient[] = await Promise.all(
  clients.map(async (client) => {
    const [program, ...args] = client.command;
    const { stdout } = await run(program!, [...args, "version", "--short"]).catch(() => ({ stdout: "" }));
    const missing = !client.version.test(stdout.trim());
    return { ...client, missing, name: missing ? `${client.name} (not installed)` : client.name };
  }),
);
