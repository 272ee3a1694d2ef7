import { beforeAll, expect, test } from "vitest";
import { type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

const long = (size: number) => "x".repeat(size);
const domain = (size: number) => [60, 60, 60, size - 183].map((part) => "d".repeat(part)).join(".");
const withRule = (fields: object, clusterDomain = "cluster.local") => ({
  version: 1,
  clusterDomain,
  rules: [{ services: ["a/b"], mode: "off", ...fields }],
});
const percent = (written: string) =>
  JSON.stringify(withRule({ percent: 0 })).replace('"percent":0', `"percent":${written}`);
const digits = "found a number of more than 15 digits";
const tooLong = "stands for a host name longer than 253 bytes";

test.each<[string, unknown, string[]]>([
  ["an exact host of 253 bytes", withRule({ services: ["a/b"] }, domain(245)), []],
  [
    "an exact host of 254 bytes",
    withRule({ services: ["a/b", "a/bc"] }, domain(245)),
    [`rules[0].services[1]: ${tooLong}`],
  ],
  ["a suffix of 253 bytes", withRule({ services: ["abc/*"] }, domain(245)), []],
  [
    "a suffix of 254 bytes",
    withRule({ services: ["abcd/*"] }, domain(245)),
    [`rules[0].services[0]: ${tooLong}`],
  ],
  ["a name for a host of 253 bytes", { version: 1, clusterDomain: domain(245), names: { x: "a/b" } }, []],
  [
    "a name for a host of 254 bytes",
    { version: 1, clusterDomain: domain(245), names: { x: "a/bc", [long(90)]: "ab/c" } },
    [`names.x: ${tooLong}`, `names.${long(80)}: ${tooLong}`],
  ],
  [
    "a path twice",
    withRule({ paths: [{ exact: "/x" }, { prefix: "/x" }, { exact: "/x" }] }),
    ["rules[0].paths[2]: found a second time, allowed once"],
  ],
  ["a version with many zeros", `{"version":1.${"0".repeat(400)}}`, [`version: ${digits}`]],
  [
    "a version with many digits and an exponent",
    `{"version":1${"0".repeat(400)}E-400}`,
    [`version: ${digits}`],
  ],
  [
    "a percentage with many digits and an exponent",
    percent(`1${"0".repeat(310)}e-308`),
    [`rules[0].percent: ${digits}`],
  ],
  ["a percentage behind many zeros", percent(`0.${"0".repeat(2000)}1e2003`), []],
  ["a percentage with a huge exponent", percent("0e99999999999999999999"), []],
  [
    "a percentage with a huge exponent, above 100",
    percent("1e99999999999999999999"),
    ["rules[0].percent: found 1e99999999999999999999, allowed: a number from 0 to 100"],
  ],
  [
    "a percentage just above 100",
    percent("100.0000000001"),
    ["rules[0].percent: found 100.0000000001, allowed: a number from 0 to 100"],
  ],
])("%s", (_, configuration, reasons) => {
  expect(problems(core, configuration)).toEqual(reasons);
});

test("a long field is cut, but no character of it", () => {
  const [problem] = problems(core, { version: 1, [`x${"é".repeat(60)}`]: 1 });
  expect(problem).toMatch(/^xé{39}: unknown field, /);
});

test("a path twice is told once, whatever comes after it", () => {
  for (const last of [{ exact: "x" }, { exact: 1 }, {}]) {
    const found = problems(core, withRule({ paths: [{ exact: "/x" }, { exact: "/x" }, last] }));
    expect(found.filter((problem) => problem.includes("second time"))).toEqual([
      "rules[0].paths[1]: found a second time, allowed once",
    ]);
  }
});
