import type { MeshSpec, ServiceSpec } from "../support/mesh-spec.ts";
import type { Caller } from "../support/mesh.ts";
import type { HttpRequest, HttpResponse } from "../support/http-client.ts";
import { sendMany } from "../support/load.ts";

/** `default/reviews` retained: the reference story's policy. */
export const retainReviews = policy([{ services: ["default/reviews"], mode: "strict" }]);

/** A policy for m1c1 and m1c2 with these rules. */
export function policy(rules: object[], fields: object = {}): object {
  return { version: 1, clusters: ["m1c1", "m1c2"], rules, ...fields };
}

/** The same services in m1c1 and m1c2, and in each a caller `sleep`. */
export function twoClusters(
  policy: object,
  services: ServiceSpec[],
  fields: Partial<MeshSpec> = {},
): MeshSpec {
  const cluster = (id: string) => ({ id, services, callers: [{ name: "sleep" }] });
  return { policy, clusters: [cluster("m1c1"), cluster("m1c2")], ...fields };
}

/** Sends `count` requests and returns the answers; throws when one got none. */
export async function many(
  caller: Caller,
  count: number,
  request: Omit<HttpRequest, "address">,
): Promise<HttpResponse[]> {
  const samples = await sendMany(count, () => caller.send(request));
  return samples.map(({ answer, error }) => {
    if (!answer) throw error ?? new Error("no answer");
    return answer;
  });
}
