import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

const REQUESTS = 100_000;

/** Compiles one rule with these fields. */
function compile(fields: object): void {
  const rules = [{ services: ["default/reviews"], mode: "strict", ...fields }];
  expect(problems(core, { version: 1, rules })).toEqual([]);
}

/** Which of so many requests are in the rule's share, by the headers that `headersOf` makes of their number. */
function sharesOf(
  headersOf: (i: number) => string[],
  requests = REQUESTS,
  id: (i: number) => number = () => 0,
): boolean[] {
  const within: boolean[] = [];
  for (let i = 0; i < requests; i++) {
    within.push(core.isInShare(headersOf(i), id(i)));
    // The core frees nothing by itself.
    if (i % 10_000 === 0) core.__collect();
  }
  return within;
}

const count = (within: boolean[]) => within.filter(Boolean).length;

/** An identifier as Envoy makes them, the same in each run. */
function uuid(i: number): string {
  const hex = createHash("md5").update(String(i)).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Five standard deviations of a share of independent requests. */
const spread = (percent: number) => 5 * Math.sqrt(REQUESTS * (percent / 100) * (1 - percent / 100));

describe("a share is as large as it says", () => {
  const sources: [string, object, (i: number) => string[]][] = [
    ["request ids", {}, (i) => [`x-request-id: ${uuid(i)}`]],
    ["numbers in a header", { sticky: { header: "x-user" } }, (i) => [`x-user: ${i}`]],
    ["names in a cookie", { sticky: { cookie: "User" } }, (i) => [`cookie: a=b; User=user${i}; c=d`]],
  ];
  for (const [source, fields, headersOf] of sources) {
    test.each([0.5, 1, 12.5, 50, 99.9])(`by ${source}: %d percent`, (percent) => {
      compile({ percent, ...fields });
      const expected = (REQUESTS * percent) / 100;
      expect(Math.abs(count(sharesOf(headersOf)) - expected)).toBeLessThan(spread(percent));
    });
  }

  test("by the number of the stream, where there is nothing else", () => {
    compile({ percent: 30 });
    const within = count(
      sharesOf(
        () => [],
        REQUESTS,
        (i) => i,
      ),
    );
    expect(Math.abs(within - 30_000)).toBeLessThan(spread(30));
  });

  test.each([
    [0, 0],
    [100, 10_000],
    [1e-300, 0],
  ])("%d percent of 10000 requests are %d", (percent, expected) => {
    compile({ percent });
    expect(count(sharesOf((i) => [`x-request-id: ${uuid(i)}`], 10_000))).toBe(expected);
  });
});

test("whoever is in stays in while the share grows", () => {
  let before: boolean[] = [];
  for (const percent of [0, 0.01, 1, 5, 20, 20.5, 50, 80, 99, 99.99, 100]) {
    compile({ percent, sticky: { header: "x-user" } });
    const now = sharesOf((i) => [`x-user: ${i}`], 10_000);
    expect(before.every((within, i) => !within || now[i])).toBe(true);
    expect(count(now)).toBeGreaterThanOrEqual(count(before));
    before = now;
  }
  expect(before.every(Boolean)).toBe(true);
});

describe("the same value, the same bucket", () => {
  /** Whether two sorts of requests fall alike, a hundred of each. */
  function alike(a: (i: number) => string[], b: (i: number) => string[]): boolean {
    return sharesOf(a, 100).join() === sharesOf(b, 100).join();
  }
  const user = (i: number) => [`x-user: u${i}`];
  const withOther = (header: string) => (i: number) => [header, `x-user: u${i}`];

  test("whatever the request's id and stream", () => {
    compile({ percent: 50, sticky: { header: "x-user" } });
    expect(alike(user, withOther("x-request-id: 1"))).toBe(true);
    expect(sharesOf(user, 100, (i) => i)).toEqual(sharesOf(user, 100));
  });

  test("in a header, in a cookie, as a request id", () => {
    compile({ percent: 50, sticky: { header: "x-user" } });
    const byHeader = sharesOf(user, 100);
    compile({ percent: 50, sticky: { cookie: "user" } });
    const byCookie = sharesOf((i) => [`cookie: user=u${i}`], 100);
    compile({ percent: 50 });
    expect(byCookie).toEqual(byHeader);
    expect(sharesOf((i) => [`x-request-id: u${i}`], 100)).toEqual(byHeader);
  });

  test.each<[string, (i: number) => string]>([
    ["alone", (i) => `user=u${i}`],
    ["first", (i) => `user=u${i}; a=b`],
    ["last", (i) => `a=b; user=u${i}`],
    ["without spaces", (i) => `a=b;user=u${i};c=d`],
    ["after names that it is a part of", (i) => `myuser=x; user2=x; User=x; user; user=u${i}`],
    ["before one of the same name", (i) => `user=u${i}; user=x`],
    ["after empty ones", (i) => `;; ;=; user=u${i};`],
  ])("a cookie, %s", (_, cookie) => {
    compile({ percent: 50, sticky: { cookie: "user" } });
    expect(
      alike(
        (i) => [`cookie: ${cookie(i)}`],
        (i) => [`x-request-id: u${i}`],
      ),
    ).toBe(true);
  });

  test.each<[string, object, string]>([
    ["no such header", { header: "x-user" }, "x-other: 1"],
    ["an empty header", { header: "x-user" }, "x-user: "],
    ["no cookies", { cookie: "user" }, "x-user: 1"],
    ["no such cookie", { cookie: "user" }, "cookie: a=b; users=1; user"],
    ["an empty cookie", { cookie: "user" }, "cookie: a=b; user=; user=1"],
  ])("%s: the request id, else the stream", (_, sticky, header) => {
    compile({ percent: 50, sticky });
    expect(
      alike(
        (i) => [header, `x-request-id: u${i}`],
        (i) => [`x-request-id: u${i}`],
      ),
    ).toBe(true);
    const byStream = sharesOf(
      () => [header],
      100,
      (i) => i,
    );
    expect(byStream).toEqual(
      sharesOf(
        () => [header, "x-request-id: "],
        100,
        (i) => i,
      ),
    );
    expect(count(byStream)).toBeGreaterThan(25);
    expect(count(byStream)).toBeLessThan(75);
  });
});

test("a request outside of its rule's share is left alone, and goes to no other rule", () => {
  const rules = [
    { services: ["default/reviews"], mode: "strict", percent: 0 },
    { services: ["default/ratings"], mode: "observe", percent: 100 },
    { services: ["default/*"], mode: "strict" },
  ];
  expect(problems(core, { version: 1, rules })).toEqual([]);
  const decision = (name: string) => core.decisionFor(name && `${name}.default.svc.cluster.local`, [], 1);
  expect(decision("reviews")).toBe("default/reviews off");
  expect(decision("ratings")).toBe("default/ratings observe");
  expect(decision("details")).toBe("default/* strict");
  expect(decision("")).toBe("untouched");
});

test("what makes a rule of 100 percent sticky makes no other rule so", () => {
  const first = { services: ["a/b"], mode: "strict", percent: 100, sticky: { header: "x-user" } };
  const second = { services: ["a/c"], mode: "strict", percent: 50 };
  expect(problems(core, { version: 1, rules: [first, second] })).toEqual([]);
  const decisions = new Set<string>();
  for (let i = 0; i < 100; i++) {
    decisions.add(core.decisionFor("c.a.svc.cluster.local", ["x-user: 1", `x-request-id: ${i}`], 0));
  }
  expect(decisions.size).toBe(2);
});
