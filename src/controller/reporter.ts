import { randomBytes } from "node:crypto";
import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import { isEqual } from "../inventory/kubernetes/digest.ts";
import type { Kube } from "../kube/client.ts";
import type { Outcome } from "./apply.ts";
import { API, MANAGER } from "./crd/names.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { ServicePlan } from "./plan.ts";
import { policyPath, titleOfPolicy, type PolicyObject } from "./policies.ts";
import { statusOf, type Facts } from "./status.ts";

/** Says what happened: in the status of policies, as Events, in metrics and logs. */
export class Reporter {
  constructor(
    private readonly kube: Kube,
    private readonly metrics: Metrics,
    private readonly log: Log,
  ) {}

  counted({ applied, deleted, corrected, failed }: Outcome, services: readonly ServicePlan[]): void {
    this.metrics.add("applied_total", applied);
    this.metrics.add("deleted_total", deleted);
    this.metrics.add("corrected_total", corrected);
    this.metrics.add("apply_errors_total", failed.length);
    this.metrics.clear("services");
    for (const { state } of services) this.metrics.add("services", 1, { state });
    for (const { title, message } of failed)
      this.log("error", "not applied", { object: title, error: message });
    if (applied + deleted > 0) this.log("info", "applied", { applied, deleted, corrected });
    this.metrics.clear("policies");
    this.metrics.clear("policy_conflicts");
  }

  /** Writes the status where it says something new. */
  async report(policy: PolicyObject, facts: Facts): Promise<void> {
    const status = statusOf(policy, facts, new Date().toISOString().replace(/\.\d+Z$/, "Z"));
    const ready = conditionOf(status, "Ready");
    this.metrics.add("policies", 1, { ready: String(ready.status) });
    this.metrics.add("policy_conflicts", facts.conflicts.length);
    if (isEqual(status, policy.status)) return;
    try {
      await this.kube.patch(`${policyPath(policy, API)}/status`, { status });
    } catch (error) {
      this.log("warn", "status not written", { policy: titleOfPolicy(policy), error: String(error) });
      return;
    }
    const before = policy.status;
    policy.status = status;
    for (const type of ["Accepted", "Programmed", "Ready", "Conflicted", "RolledOut"])
      this.event(policy, type, before);
  }

  private event(policy: PolicyObject, type: string, before: Fields): void {
    const [was, is] = [conditionOf(before, type), conditionOf(policy.status, type)];
    if (is.reason === undefined || (was.reason === is.reason && was.status === is.status)) return;
    const isBad =
      type === "RolledOut" ? is.reason === "WentBack" : (type === "Conflicted") === (is.status === "True");
    const isGood = !isBad;
    const { kind, name, uid } = policy;
    const namespace = policy.namespace ?? "default";
    const now = new Date().toISOString();
    const involvedObject = { apiVersion: API, kind, name, uid, namespace: policy.namespace };
    const body = {
      ...{
        apiVersion: "v1",
        kind: "Event",
        metadata: { namespace, name: `${name}.${randomBytes(6).toString("hex")}` },
      },
      ...{ involvedObject, reason: is.reason, message: (textOf(is.message) ?? "").slice(0, 1000) },
      ...{ type: isGood ? "Normal" : "Warning", firstTimestamp: now, lastTimestamp: now, count: 1 },
      ...{ source: { component: MANAGER }, action: type, reportingComponent: MANAGER },
    };
    this.log(isGood ? "info" : "warn", body.message, { policy: titleOfPolicy(policy), [type]: is.reason });
    // Nobody waits for it.
    void this.kube.request("POST", `/api/v1/namespaces/${namespace}/events`, { body }).catch(() => undefined);
  }
}

function conditionOf(status: Fields, type: string): Fields {
  return (
    itemsOf(status.conditions)
      .map(fieldsOf)
      .find((one) => one.type === type) ?? {}
  );
}
