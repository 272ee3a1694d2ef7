import { at, fieldsOf, type Fields } from "../input/loose.ts";
import { fromKubeconfig } from "../kube/access.ts";
import { Kube } from "../kube/client.ts";
import { follow } from "../kube/follow.ts";
import { Cluster } from "./cluster.ts";
import { API, POLICY_KINDS, type PolicyKind } from "./crd/names.ts";
import { MADE, ROUTES, SERVICES, WORKLOADS } from "./kinds.ts";
import type { Log } from "./log.ts";
import { policyObject, type PolicyObject } from "./policies.ts";

export interface MeshOptions {
  /** The id of the config cluster. */
  clusterId: string;
  /** Where Istio's remote secrets are. */
  rootNamespace: string;
  watchSeconds: number;
}

/** What the controller knows: the policies, and every cluster of the mesh. */
export class Mesh {
  readonly policies = new Map<string, PolicyObject>();
  readonly config: Cluster;
  /** All, the config cluster first. */
  readonly clusters = new Map<string, Cluster>();
  /** Clusters whose kubeconfig cannot be used, and why. */
  readonly broken = new Map<string, string>();
  private readonly remote = new Map<string, string>();
  private readonly secrets = new Map<string, Fields>();
  private readonly synced = new Set<string>();
  private readonly end = new AbortController();
  private readWorkloads = false;

  constructor(
    readonly kube: Kube,
    private readonly options: MeshOptions,
    private readonly changed: (what: "policy" | "mesh") => void,
    private readonly log: Log,
  ) {
    this.config = this.cluster(options.clusterId, kube);
    this.config.watch([...MADE, ...SERVICES, ...ROUTES]);
  }

  start(): void {
    const { watchSeconds, rootNamespace } = this.options;
    for (const kind of Object.keys(POLICY_KINDS) as PolicyKind[]) {
      const path = `/apis/${API}/${POLICY_KINDS[kind].plural}`;
      const on = {
        replace: (items: Fields[]) => {
          for (const [uid, one] of this.policies) if (one.kind === kind) this.policies.delete(uid);
          for (const item of items) this.policyChange(kind, "ADDED", item);
          this.synced.add(kind);
          this.changed("policy");
        },
        change: (type: string, item: Fields) => {
          if (this.policyChange(kind, type, item)) this.changed("policy");
        },
      };
      void follow(this.kube, path, on, this.end.signal, { watchSeconds });
    }
    const path = `/api/v1/namespaces/${rootNamespace}/secrets`;
    const query = "&labelSelector=istio%2FmultiCluster%3Dtrue";
    const on = {
      replace: (items: Fields[]) => {
        this.secrets.clear();
        for (const item of items) this.secrets.set(String(at(item, "metadata", "name")), item);
        this.synced.add("Secret");
        void this.connect();
      },
      change: (type: string, item: Fields) => {
        const name = String(at(item, "metadata", "name"));
        if (type === "DELETED") this.secrets.delete(name);
        else this.secrets.set(name, item);
        void this.connect();
      },
    };
    void follow(this.kube, path, on, this.end.signal, { watchSeconds, query });
  }

  get policiesKnown(): boolean {
    return Object.keys(POLICY_KINDS).every((kind) => this.synced.has(kind));
  }

  /** Whether the config cluster and the list of clusters are known; others may not be reachable. */
  get isSynced(): boolean {
    return this.policiesKnown && this.synced.has("Secret") && this.config.isSynced;
  }

  get clusterIds(): string[] {
    return [this.options.clusterId, ...[...this.remote.keys()].sort()];
  }

  /** Clusters of which something was never seen since this process began. */
  unknown(): string[] {
    return this.clusterIds.filter((id) => this.clusters.get(id)?.isSynced !== true);
  }

  unreachable(): Map<string, string> {
    const errors = this.clusterIds.flatMap((id) => {
      const error = this.broken.get(id) ?? this.clusters.get(id)?.unreachable();
      return error === undefined ? [] : [[id, error] as const];
    });
    return new Map(errors);
  }

  /** From now on the pods of workloads are known, too: rules name callers. */
  withWorkloads(): void {
    if (this.readWorkloads) return;
    this.readWorkloads = true;
    for (const cluster of this.clusters.values()) cluster.watch(WORKLOADS);
  }

  stop(): void {
    this.end.abort();
    for (const cluster of this.clusters.values()) cluster.stop();
  }

  private cluster(id: string, kube: Kube): Cluster {
    const cluster = new Cluster(id, kube, () => this.changed("mesh"), this.options.watchSeconds);
    this.clusters.set(id, cluster);
    return cluster;
  }

  /** Whether more changed than our own status. */
  private policyChange(kind: PolicyKind, type: string, item: Fields): boolean {
    const policy = policyObject(kind, item);
    const before = this.policies.get(policy.uid);
    if (type === "DELETED") return this.policies.delete(policy.uid);
    this.policies.set(policy.uid, policy);
    return before === undefined || asked(before) !== asked(policy);
  }

  /** Follows the remote secrets: each of their keys is a cluster. */
  private async connect(): Promise<void> {
    const wanted = new Map<string, string>();
    for (const secret of this.secrets.values())
      for (const [id, data] of Object.entries(fieldsOf(secret.data)))
        if (id !== this.options.clusterId) wanted.set(id, Buffer.from(String(data), "base64").toString());
    for (const [id, text] of this.remote) {
      if (wanted.get(id) === text) continue;
      this.clusters.get(id)?.stop();
      this.clusters.delete(id);
      this.broken.delete(id);
      this.remote.delete(id);
    }
    for (const [id, text] of wanted) {
      if (this.remote.has(id)) continue;
      this.remote.set(id, text);
      try {
        const cluster = this.cluster(id, new Kube(await fromKubeconfig(text)));
        cluster.watch(this.readWorkloads ? [...SERVICES, ...WORKLOADS] : SERVICES);
        this.log("info", "cluster found", { cluster: id });
      } catch (error) {
        this.broken.set(id, (error as Error).message);
        this.log("error", "kubeconfig of a cluster cannot be used", { cluster: id, error: String(error) });
      }
    }
    this.changed("mesh");
  }
}

function asked({ generation, isDeleted, annotations }: PolicyObject): string {
  return JSON.stringify([generation, isDeleted, annotations]);
}
