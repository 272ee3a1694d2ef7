import { EnvoyAdmin } from "./admin.ts";
import { startChild, type Child } from "./children.ts";
import { waitUntil } from "./wait.ts";

export interface StartEnvoyOptions {
  /** The binary, as `resolveEnvoy` found it. */
  path: string;
  /** The bootstrap file. */
  config: string;
  /** The address of its administration interface, as in the bootstrap. */
  admin: string;
  /** What messages call it; default `envoy`. */
  name?: string;
  /** Worker threads; default 1. */
  concurrency?: number;
  /** `trace`, `debug`, `info`, `warning` (default), `error`, … */
  logLevel?: string;
  /** More arguments, for example `["--component-log-level", "wasm:debug"]`. */
  args?: readonly string[];
  /** Told each line of its log as it comes. */
  onLine?: (line: string) => void;
  /** How long it may take until it is ready; default 20 000 ms. */
  timeoutMs?: number;
}

/** A running Envoy: the process (with its log), and its administration interface. */
export interface EnvoyProcess extends Child {
  readonly admin: EnvoyAdmin;
}

/**
 * Starts an Envoy and waits until `/ready` answers 200, which it does when its listeners are up.
 *
 * Several can run beside each other: hot restart, with its shared memory, is off unless `args` has a
 * `--base-id` or `--use-dynamic-base-id`. Throws with the end of the log when it ends early or is not ready in time.
 */
export async function startEnvoy(options: StartEnvoyOptions): Promise<EnvoyProcess> {
  const { path, config, name = "envoy", concurrency = 1, logLevel = "warning", args = [] } = options;
  const hotRestart = args.some((arg) => arg.includes("base-id"));
  const child = await startChild(
    path,
    // prettier-ignore
    ["--config-path", config, "--concurrency", String(concurrency), "--log-level", logLevel,
     ...(hotRestart ? [] : ["--disable-hot-restart"]), ...args],
    { name, ...(options.onLine && { onLine: options.onLine }) },
  );
  const admin = new EnvoyAdmin(options.admin);
  const isReady = async () => !child.running || (await admin.ready());
  const inTime = await waitUntil(isReady, { timeoutMs: options.timeoutMs ?? 20_000 });
  if (!inTime || !child.running) {
    await child.stop(500);
    const problem = inTime ? `ended early (${await child.exited})` : "was not ready in time";
    throw new Error([`${name} ${problem}; the end of its log:`, ...child.log.slice(-15)].join("\n"));
  }
  return Object.assign(child, { admin });
}
