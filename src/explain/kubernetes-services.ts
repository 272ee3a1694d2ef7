import type { Inventory } from "../inventory/kubernetes/model.ts";
import { divide } from "./istio-endpoints.ts";
import { endpointsOf } from "./kubernetes-endpoints.ts";
import type { Question } from "./question.ts";
import { divide as byPin, type Way } from "./view.ts";

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
    follow: (pin) => {
      const here = { labels: undefined, home: question.cluster, localFirst: false };
      const { allowed, excluded } = divide(endpoints, here, {
        host,
        domain: "",
        nodeLocal: service?.nodeLocal,
      });
      const pinned = byPin(allowed, pin);
      return {
        route: { in: `virtual host ${host}:${port}`, envoyClusters: [envoyCluster] },
        endpoints: { allowed: pinned.allowed, excluded: [...excluded, ...pinned.excluded] },
        notes: [],
      };
    },
  };
}
