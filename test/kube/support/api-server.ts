import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromKubeconfig } from "../../../src/kube/access.ts";
import { Kube } from "../../../src/kube/client.ts";
import { API_SERVER } from "./build.ts";
import { removeAtExit } from "../../../envoy/at-exit.ts";
import { freePort } from "../../../envoy/ports.ts";
import { eventually, Running } from "./process.ts";

/** Who may ask, by token; `admin` may do everything, the others what RBAC gives them. */
const USERS = ["admin", "controller", "team-a", "team-b"] as const;
export type User = (typeof USERS)[number];

/** A real kube-apiserver with a real etcd, both of which can be killed and started again. */
export class ApiServer {
  private process: Running | undefined;
  private readonly clients: Kube[] = [];

  private constructor(
    readonly cluster: string,
    readonly folder: string,
    private readonly remove: () => void,
    readonly port: number,
    private readonly etcd: readonly number[],
  ) {}

  static async start(cluster: string): Promise<ApiServer> {
    const folder = mkdtempSync(join(tmpdir(), `kube-${cluster}-`));
    const remove = removeAtExit(folder);
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(join(folder, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
    const tokens = USERS.map((user) => `${user},${user},${user}${user === "admin" ? ",system:masters" : ""}`);
    writeFileSync(join(folder, "tokens.csv"), `${tokens.join("\n")}\n`);
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const server = new ApiServer(cluster, folder, remove, ports[0], ports.slice(1));
    await server.run();
    return server;
  }

  /** Starts it (again), with what it stored before. */
  async run(): Promise<void> {
    const [client, peer] = this.etcd.map((port) => `http://127.0.0.1:${port}`);
    const key = join(this.folder, "sa.key");
    this.process = new Running(`kube-apiserver of ${this.cluster}`, API_SERVER, [
      ...["-etcd-data", join(this.folder, "etcd"), "-etcd-client", client!, "-etcd-peer", peer!, "--"],
      ...["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", `--secure-port=${this.port}`],
      ...[`--cert-dir=${join(this.folder, "certificates")}`, "--service-cluster-ip-range=10.0.0.0/16"],
      ...["--endpoint-reconciler-type=none", "--disable-admission-plugins=ServiceAccount"],
      ...["--enable-priority-and-fairness=false", "--authorization-mode=RBAC"],
      ...[`--token-auth-file=${join(this.folder, "tokens.csv")}`],
      ...["--service-account-issuer=https://kubernetes.default.svc", `--service-account-key-file=${key}`],
      `--service-account-signing-key-file=${key}`,
    ]);
    const kube = await eventually("its certificate", () => this.client("admin"));
    await eventually(
      `kube-apiserver of ${this.cluster} is ready`,
      async () => {
        if (!this.process!.isRunning) throw new Error(this.process!.output.slice(-2000));
        for await (const chunk of await kube.open("GET", "/readyz")) return String(chunk) === "ok";
        return false;
      },
      { withinMs: 180_000 },
    );
  }

  kubeconfig(user: User, server = `https://127.0.0.1:${this.port}`): string {
    const ca = readFileSync(join(this.folder, "certificates", "apiserver.crt"));
    const cluster = {
      server,
      "certificate-authority-data": ca.toString("base64"),
    };
    const context = { cluster: this.cluster, user };
    return JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "it" },
      clusters: [{ name: this.cluster, cluster }],
      users: [{ name: user, user: { token: user } }],
      contexts: [{ name: "it", context }],
    });
  }

  /** The path of a kubeconfig. */
  kubeconfigFile(user: User): string {
    const file = join(this.folder, `${user}.kubeconfig`);
    writeFileSync(file, this.kubeconfig(user));
    return file;
  }

  async client(user: User): Promise<Kube> {
    const kube = new Kube(await fromKubeconfig(this.kubeconfig(user)));
    this.clients.push(kube);
    return kube;
  }

  /** Its connections stay and nothing comes any more, until it is told to go on: as behind a black hole. */
  pause(paused: boolean): void {
    this.process?.child.kill(paused ? "SIGSTOP" : "SIGCONT");
  }

  /** Ends it, as a crash does or in good order. */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.process?.stop(signal);
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.end();
    this.remove();
  }
}
