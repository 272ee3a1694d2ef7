import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Outside of the repository, beside Go's own cache. */
const FOLDER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cluster-local", "kube");
const KUBERNETES = "v1.36.1";

export const API_SERVER = join(FOLDER, "kube-apiserver");
/** istiod, and the agent between it and the Envoys (test/istio/control). */
export const CONTROL = join(FOLDER, "control");

const folderOf = (name: string) => fileURLToPath(new URL(`../${name}/`, import.meta.url));
const [KUBE, ISTIO] = [folderOf("apiserver"), folderOf("../istio")];

/** Builds the API server and istiod. Cold it takes some ten minutes of CPU, later seconds: Go knows what changed. */
export async function build(log: (line: string) => void): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const version = `-X k8s.io/component-base/version.gitVersion=${KUBERNETES}`;
  const started = performance.now();
  await go(KUBE, ["build", `-ldflags=-s -w ${version}`, "-o", API_SERVER, "."]);
  await go(ISTIO, ["build", "-ldflags=-s -w", "-o", CONTROL, "./control"]);
  log(`kube-apiserver and istiod built in ${Math.round((performance.now() - started) / 1000)} s`);
}

/** The folder of the Istio module, which has its CRDs. */
export async function istioModule(): Promise<string> {
  return (await go(ISTIO, ["list", "-m", "-f", "{{.Dir}}", "istio.io/istio"])).trim();
}

async function go(cwd: string, args: string[]): Promise<string> {
  // Two compilers at a time are what two cores and their memory take.
  const env = { GOFLAGS: "-buildvcs=false -p=2", ...process.env };
  const { stdout } = await promisify(execFile)("go", args, { cwd, env, maxBuffer: 1 << 26 });
  return stdout;
}
