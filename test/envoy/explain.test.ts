import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  Explainer,
  orThrow,
  parseMesh,
  parsePolicy,
  type Explanation,
  type Question,
} from "../../src/index.ts";
import type { Mesh } from "../../src/inventory/model.ts";
import { keepAliveAgent } from "../support/http-client.ts";
import { slowdown } from "../support/machine.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { CALLERS, CLUSTERS, policies, questions } from "../support/policies.ts";

/**
 * What `explain` says of generated requests under generated policies, against what real Envoys do with them, counted at the
 * receivers. The Envoys run all the time; each policy reaches them as a user's edit would.
 */
const POLICIES = 50;
const REQUESTS = 20;

vi.setConfig({ testTimeout: 120_000 * slowdown() });

let mesh: TestMesh;
let inventory: Mesh;
const agent = keepAliveAgent(4);

beforeAll(async () => {
  mesh = await startMesh({
    policy: { version: 1, clusters: CLUSTERS, override: ASKED, rules: [] },
    // The backends share this process: one that answers late is not dead, which is what explain is asked about.
    healthCheck: { timeout: "5s", unhealthyThreshold: 10 },
    clusters: CLUSTERS.map((id) => ({
      id,
      services: [
        { service: "default/reviews" },
        { service: "default/lonely", backends: id === "m1c2" ? 1 : 0 },
        { service: "default/twins", backends: 2 },
        { service: "payments/ledger", port: 8080 },
        { service: "payments/ledger", port: 9090, backends: id === "m1c1" ? 0 : 1 },
      ],
      callers: CALLERS.filter(({ cluster }) => cluster === id).map(({ name, namespace, workload }) => ({
        ...{ name, namespace, workload },
        ...(name === "edge" && { kind: "gateway" as const, plugin: true, routes: ROUTES }),
      })),
    })),
  });
  inventory = orThrow(parseMesh(mesh.inventory, "mesh.yaml"));
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await mesh.stop();
});

const ASKED = { header: "x-send-to", allow: ["local"], from: ["default"] };
const ROUTES = [
  { match: { exact: "/a" }, service: "default/reviews" },
  { match: { prefix: "/b" }, service: "payments/ledger", port: 8080, cluster: "m1c2" },
  { match: { prefix: "/twins" }, rewrite: "/", service: "default/twins" },
];

test("1,000 requests under 50 policies go where explain says", async () => {
  const given = fc.sample(policies, { numRuns: 10 * POLICIES });
  const asked = fc.sample(questions, { numRuns: POLICIES * REQUESTS });
  const seen = { decisions: new Set<string>(), excluded: 0, refused: 0 };
  let tried = 0;
  for (const text of given.map((one) => JSON.stringify(one))) {
    const parsed = parsePolicy(text, "policy.yaml");
    if (!parsed.ok) continue;
    const explainer = new Explainer(parsed.value, inventory, parsed.source);
    await mesh.setPolicy(text);
    await mesh.waitForHealth();
    for (let i = 0; i < REQUESTS; i++, tried++) {
      const { question, said } = settled(asked[tried]!, explainer);
      const shown = JSON.stringify({ policy: text, question, said: said.summary });
      const takesHeader = parsed.value.override !== undefined;
      expect(await goes(question, said, tried, takesHeader), shown).toEqual(expected(said));
      seen.decisions.add(said.decision);
      seen.excluded += said.endpoints.excluded.length > 0 ? 1 : 0;
      seen.refused += said.endpoints.allowed.length === 0 ? 1 : 0;
    }
    if (tried === POLICIES * REQUESTS) break;
  }
  expect(tried).toBe(1000);
  const decisions = ["observe", "off", "override", "prefer", "strict", "untouched"];
  expect([...seen.decisions].sort()).toEqual(decisions);
  expect(Math.min(seen.excluded, seen.refused)).toBeGreaterThan(100);
});

/** Where the answer depends on a value that the request does not have, it gets one. */
function settled(question: Question, explainer: Explainer): { question: Question; said: Explanation } {
  const said = explainer.explain(question);
  if (said.share?.known !== false) return { question, said };
  const user = `user of ${question.host}${question.path ?? ""}`;
  const sticky = said.share.by.startsWith("cookie") ? ["cookie", `session=${user}`] : ["x-user", user];
  const again = { ...question, headers: [...(question.headers ?? []), sticky as [string, string]] };
  return { question: again, said: explainer.explain(again) };
}

interface Outcome {
  status: number;
  addresses: string[];
}

/** All endpoints are healthy: with an order, those of the first cluster that has any answer all. */
function expected({ route, endpoints: { allowed } }: Explanation): Outcome {
  const first = Math.min(...allowed.map(({ turn = 1 }) => turn));
  const addresses = allowed.filter(({ turn = 1 }) => turn === first).map(({ address }) => address);
  return {
    status: route === undefined ? 404 : addresses.length === 0 ? 503 : 200,
    addresses: addresses.sort(),
  };
}

/** Which backends get a request that is sent so often that a round reaches each of them. */
async function goes(
  question: Question,
  { endpoints }: Explanation,
  number: number,
  takesHeader: boolean,
): Promise<Outcome> {
  const { cluster, caller, host, path = "/", method = "GET", headers = [] } = question;
  const { name } = CALLERS.find((one) => one.cluster === cluster && one.workload === caller?.workload)!;
  const source = `case-${number}`;
  const statuses = new Set<number>();
  for (let i = 0; i < Math.max(2, 2 * endpoints.allowed.length); i++) {
    const all = [...headers, ["x-source", source] as const];
    const { status } = await mesh
      .caller(`${cluster}/${name}`)
      .send({ host, path, method, headers: all, agent });
    statuses.add(status);
  }
  const got = mesh.endpoints.filter((endpoint) => endpoint.count({ source }) > 0);
  const forwarded = got.flatMap(({ received }) => received.filter((one) => one.source === source));
  // Of what a client sends, the filter takes the override's header alone, and only where the policy has an override.
  const sent = takesHeader ? undefined : headers.find(([name]) => name === "x-send-to")?.[1];
  for (const one of forwarded) expect(one.headers["x-send-to"]).toBe(sent);
  expect(statuses.size).toBe(1);
  return { status: [...statuses][0]!, addresses: got.map(({ address }) => address).sort() };
}
