import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** examples/bookinfo/docker-compose.yaml: what these tests start, by compose itself or container by container. */
export const composePath = fileURLToPath(
  new URL("../../examples/bookinfo/docker-compose.yaml", import.meta.url),
);

/** A service of the file, as far as it uses compose's format. */
export interface ComposeService {
  image: string;
  user: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  entrypoint: string[];
  command: string[];
  environment: Record<string, string>;
  /** `source:target:options`, the source absolute, or the name of a volume. */
  volumes: string[];
  /** By name, with the names that it has there; absent where `network_mode` says something else. */
  networks?: Record<string, { aliases?: string[] }>;
  /** `service:<name>`: the network of that one. */
  network_mode?: string;
  /** `address:port:port`. */
  ports?: string[];
}

/** The service that writes the Envoys' configuration. */
export const CONTROL = "control";

export interface ComposeFile {
  networks: Record<string, unknown>;
  services: Record<string, ComposeService>;
}

/** Reads the file with the variables that it names set as in `env`. */
export function readComposeFile(env: Partial<Record<string, string>> = {}): ComposeFile {
  const text = readFileSync(composePath, "utf8").replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, otherwise: string) => env[name] ?? otherwise,
  );
  const file = parse(text, { merge: true }) as ComposeFile;
  for (const service of Object.values(file.services)) {
    service.volumes = service.volumes.map((volume) =>
      volume.replace(/^\.[^:]*/, (source) => resolve(dirname(composePath), source)),
    );
  }
  return file;
}
