import type { Inventory } from "../inventory/kubernetes/model.ts";
import { CLUSTER_LABEL } from "../istio/names.ts";
import { divide } from "./istio-endpoints.ts";
import { endpointsOf } from "./kubernetes-endpoints.ts";
import type { Question } from "./question.ts";
import type { Way } from "./view.ts";

/** A request to a service's port. */
export interface ToService {
  host: string;
  port: number;
  inventory: Inventory;
  question: Question;
}

/** The way of a request without a look at the routes: to the service itself, and of its endpoints those of the cluster pinned to. */
export function withoutRoutes({ host, port, inventory, question }: ToService): Way {
  const service = inventory.services.get(host);
  const endpoints = service ? endpointsOf(service, port, inventory) : [];
  const envoyCluster = `outbound|${port}||${host}`;
  return {
    facts: { envoyCluster, virtualHost: `${host}:${port}` },
    share: 1,
    follow: ({ cluster, decision }) => {
      const labels = cluster === undefined ? undefined : { [CLUSTER_LABEL]: cluster };
      const wanted = { labels, home: question.cluster, localFirst: decision === "prefer" };
      const { allowed, excluded } = divide(endpoints, wanted, { host, domain: "" });
      return {
        route: { in: `virtual host ${host}:${port}`, envoyClusters: [envoyCluster] },
        endpoints: { allowed, excluded },
        notes: [],
      };
    },
  };
}
