import { expect, it } from "vitest";
import { fieldsOf, itemsOf, type Fields } from "../../../src/input/loose.ts";
import { needsApproval } from "../../../src/controller/approval.ts";
import { Fights } from "../../../src/controller/fights.ts";
import { merge } from "../../../src/controller/merge.ts";
import type { ServicePlan } from "../../../src/controller/plan.ts";
import { policyObject, type PolicyObject } from "../../../src/controller/policies.ts";
import { statusOf, type Facts } from "../../../src/controller/status.ts";

function policy(namespace: string | undefined, name: string, created: number, spec: Fields): PolicyObject {
  const kind = namespace === undefined ? "ClusterLocalMeshPolicy" : "ClusterLocalPolicy";
  const creationTimestamp = `2026-01-01T00:00:0${created}Z`;
  return policyObject(kind, {
    metadata: { namespace, name, uid: name, generation: 2, creationTimestamp },
    spec,
  });
}

const rules = (...services: string[]) => ({ rules: [{ services, mode: "strict" }] });
const OWNER = policy("default", "reviews", 1, rules("default/reviews"));

const service = (more: Partial<ServicePlan> = {}): ServicePlan => ({
  ...{ service: "default/reviews", host: "reviews.default.svc.cluster.local", owner: OWNER, mode: "strict" },
  ...{
    state: "Held",
    mechanism: "routes and endpoints",
    endpoints: { m1c1: 1 },
    message: undefined,
    ...more,
  },
});

const facts = (more: Partial<Facts> = {}): Facts => ({
  ...{ refused: undefined, conflicts: [], switchedOff: undefined, wrong: undefined, failed: [], undone: [] },
  ...{ held: undefined, services: [service()], clusters: ["m1c1"], unreachable: new Map(), rollouts: [] },
  ...more,
});

const reasons = (found: Facts, one = OWNER): Record<string, string> => {
  const all = itemsOf(statusOf(one, found, "2026-01-01T00:00:00Z").conditions).map(fieldsOf);
  const said = all.map(
    ({ type, status, reason }) => [String(type), `${String(status)} ${String(reason)}`] as const,
  );
  return Object.fromEntries(said);
};

it.each<[string, Partial<Facts>, object]>([
  ["all is well", {}, { Accepted: "True Accepted", Programmed: "True Applied", Ready: "True Held" }],
  [
    "refused",
    { refused: { reason: "Invalid", message: "m" } },
    { Accepted: "False Invalid", Ready: "False NotAccepted" },
  ],
  ["switched off", { switchedOff: "x" }, { Accepted: "True Accepted", Ready: "False SwitchedOff" }],
  ["cannot be said", { wrong: "m" }, { Programmed: "False NotExpressible" }],
  [
    "waits for somebody",
    { held: { reason: "WaitsForApproval", message: "m" } },
    { Ready: "False WaitsForApproval" },
  ],
  ["undone", { undone: ["m"] }, { Programmed: "False Undone" }],
  ["not applied", { failed: ["m"] }, { Programmed: "False ApplyFailed" }],
  ["nothing there", { services: [] }, { Programmed: "True Applied", Ready: "False NoService" }],
  ["left out", { services: [service({ state: "NotHeld", message: "m" })] }, { Ready: "False NotHeld" }],
  [
    "no endpoint yet",
    { services: [service({ state: "Waiting", message: "m" })] },
    { Ready: "False NoLocalEndpoints" },
  ],
  ["no endpoint any more", { services: [service({ message: "m" })] }, { Ready: "True HeldWithoutEndpoints" }],
  ["frozen", { unreachable: new Map([["m1c2", "e"]]) }, { Ready: "True ClusterUnreachable" }],
  ["conflicted", { conflicts: ["m"] }, { Conflicted: "True OlderPolicy", Ready: "True Held" }],
  ...(["Observing", "Progressing", "WentBack", "Complete"] as const).map(
    (state): [string, Partial<Facts>, object] => [
      `rolled out: ${state}`,
      { rollouts: [{ rule: 0, of: "", step: 0, state, since: "", message: "m" }] },
      { RolledOut: `${state === "Complete" ? "True" : "False"} ${state}` },
    ],
  ),
])("says so when it is %s", (_, found, expected) => {
  expect(reasons(facts(found))).toMatchObject(expected);
});

it("says Disabled of a policy that is", () => {
  const off = policy("default", "off", 1, { enabled: false });
  expect(reasons(facts(), off)).toMatchObject({ Programmed: "False Disabled" });
});

it("keeps the time of a condition that stays as it is", () => {
  const before = statusOf(OWNER, facts(), "2026-01-01T00:00:00Z");
  const after = statusOf({ ...OWNER, status: before }, facts({ undone: ["m"] }), "2026-02-02T00:00:00Z");
  const times = itemsOf(after.conditions).map(fieldsOf);
  expect(times.map((one) => one.lastTransitionTime)).toEqual([
    ...["2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-02-02T00:00:00Z"],
  ]);
});

it("merges by the most specific pattern; of two alike the older holds", () => {
  const mesh = policy(undefined, "mesh", 1, rules("*", "default/ratings"));
  const newer = policy("default", "newer", 2, rules("default/reviews", "default/ratings"));
  const { policy: merged, owners, conflicts } = merge([newer, mesh], ["m1c1", "m1c2"]);
  expect(merged.rules).toEqual([
    { services: ["*", "default/ratings"], mode: "strict" },
    { services: ["default/reviews"], mode: "strict" },
  ]);
  expect(owners.map(({ name }) => name)).toEqual(["mesh", "newer"]);
  expect(conflicts.get("newer")).toEqual([
    "default/ratings is named by ClusterLocalMeshPolicy mesh, which is older",
  ]);
});

it("refuses a policy whose patterns older ones all have, and one that names hosts of others", () => {
  const other = policy("default", "other", 2, rules("default/reviews"));
  const hosts = policy("shop", "hosts", 1, { rules: [{ hosts: ["*.svc.cluster.local"], mode: "off" }] });
  const own = policy("shop", "own", 1, { rules: [{ hosts: ["*.shop.svc.cluster.local"], mode: "off" }] });
  const { refused } = merge([OWNER, other, hosts, own], ["m1c1"]);
  expect([...refused].map(([name, { reason }]) => [name, reason])).toEqual([
    ["hosts", "ForeignService"],
    ["other", "Conflicted"],
  ]);
});

it("takes the mesh's settings from the oldest policy of the mesh, with clusters that it forgets", () => {
  const old = policy(undefined, "old", 1, { clusters: ["m1c2"], clusterDomain: "mesh.local" });
  const young = policy(undefined, "young", 2, { clusterDomain: "other.local" });
  const { policy: merged, conflicts } = merge([young, old], ["m1c1", "m1c2"]);
  expect(merged).toMatchObject({ clusters: ["m1c2", "m1c1"], clusterDomain: "mesh.local" });
  expect(conflicts.get("young")).toEqual([
    "spec.clusterDomain is named by ClusterLocalMeshPolicy old, which is older",
  ]);
});

it("lets a large change wait until its generation is approved", () => {
  const many = Array.from({ length: 20 }, (_, n) => service({ host: `s${n}` }));
  const waiting = needsApproval(many, new Set(), 30, 50);
  expect(waiting.size).toBe(20);
  expect(waiting.get("s0")?.message).toContain('annotation cluster-local.dev/approved: "2"');
  expect(needsApproval(many, new Set(), 30, 70).size).toBe(0);
  expect(needsApproval(many, new Set(many.map(({ host }) => host)), 30, 50).size).toBe(0);
  const approved = { ...OWNER, annotations: { "cluster-local.dev/approved": "2" } };
  const answered = many.map((one) => ({ ...one, owner: approved }));
  expect(needsApproval(answered, new Set(), 30, 50).size).toBe(0);
});

it("corrects five times in a minute, then pauses, longer each time", () => {
  let now = 0;
  const fights = new Fights(() => now);
  fights.applied("a", "x");
  const tries = () => Array.from({ length: 6 }, () => fights.mayCorrect("a", "somebody"));
  expect(tries()).toEqual([true, true, true, true, true, false]);
  expect([...fights.lost().values()]).toEqual([
    "a is changed again and again by somebody; next try in about 30 s",
  ]);
  expect(fights.nextMs()).toBe(30_000);
  now += 30_001;
  expect(fights.lost().size).toBe(0);
  now += 60_000;
  expect(tries().at(-1)).toBe(false);
  expect(fights.nextMs()).toBe(60_000);
});
