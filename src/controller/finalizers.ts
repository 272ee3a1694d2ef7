import { asKubeError, type Kube } from "../kube/client.ts";
import { API, FINALIZER } from "./crd/names.ts";
import { policyPath, type PolicyObject } from "./policies.ts";

/** Policies stay until what was made for them is gone: nothing in a cluster collects it otherwise. */
export class Finalizers {
  constructor(private readonly kube: Kube) {}

  async add(policies: readonly PolicyObject[]): Promise<void> {
    const without = policies.filter((one) => !one.isDeleted && !one.finalizers.includes(FINALIZER));
    await Promise.all(without.map((one) => this.set(one, [...one.finalizers, FINALIZER])));
  }

  async remove(policies: readonly PolicyObject[]): Promise<void> {
    const having = policies.filter(({ finalizers }) => finalizers.includes(FINALIZER));
    await Promise.all(
      having.map((one) =>
        this.set(
          one,
          one.finalizers.filter((name) => name !== FINALIZER),
        ),
      ),
    );
  }

  private async set(policy: PolicyObject, finalizers: string[]): Promise<void> {
    const metadata = { finalizers, resourceVersion: policy.resourceVersion };
    try {
      await this.kube.patch(policyPath(policy, API), { metadata });
    } catch (error) {
      // Changed in between, or gone: the watch tells, and the next reconcile does it.
      if (![404, 409].includes(asKubeError(error).status)) throw error;
    }
  }
}
