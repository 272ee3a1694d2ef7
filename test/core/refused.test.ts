import { beforeAll, describe, expect, test } from "vitest";
import { type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

const caller = 'allowed: "namespace/workload", each with a "*" at its end where any will do';
const path = 'allowed: a path that begins with "/", without query';
const clusterId = 'allowed: a cluster id (printable ASCII without space, ",", ";" or "|", not "*")';
const header = 'allowed: a header name that begins with "x-", in lower case';
const serviceOrHost = 'allowed: a service "namespace/name" or a host';
const long = (size: number) => "x".repeat(size);
/** As messages quote it. */
const cut = (text: string) => `found "${text.slice(0, 80)}..."`;

describe("conditions, percent and sticky of a rule", () => {
  test.each<[object, string[]]>([
    [{ callers: "a/b" }, [".callers: found a string, allowed: a list"]],
    [{ callers: [] }, [".callers: found an empty list, allowed: at least one entry"]],
    [{ callers: [1] }, [`.callers[0]: found a number, ${caller}`]],
    ...["a", "a/b/c", "*a/b", "a/-*", "a/*b", "/b", "a/", "a-/b", "a_b/c", "a/**", `a/${long(64)}`, ""].map(
      (found): [object, string[]] => [{ callers: [found] }, [`.callers[0]: found "${found}", ${caller}`]],
    ),
    [{ callers: ["a/b", "a/*", "a/b"] }, ['.callers[2]: found "a/b" a second time, allowed once']],
    [{ paths: {} }, [".paths: found an object, allowed: a list of paths"]],
    [{ paths: [] }, [".paths: found an empty list, allowed: at least one entry"]],
    [{ paths: ["/x"] }, [".paths[0]: found a string, allowed: an object"]],
    [{ paths: [{}] }, ['.paths[0]: allowed: exactly one of "exact" or "prefix"']],
    [{ paths: [{ exact: "/", prefix: "/" }] }, ['.paths[0]: allowed: exactly one of "exact" or "prefix"']],
    [
      { paths: [{ prefx: "/" }] },
      [
        '.paths[0].prefx: unknown field, allowed: "exact" or "prefix" (did you mean "prefix"?)',
        '.paths[0]: allowed: exactly one of "exact" or "prefix"',
      ],
    ],
    [{ paths: [{ exact: null }] }, [`.paths[0].exact: found null, ${path}`]],
    ...["x", "", "/a b", "/a?b", "/a#b", "/é"].map((found): [object, string[]] => [
      { paths: [{ exact: "/x" }, { prefix: found }] },
      [`.paths[1].prefix: found "${found}", ${path}`],
    ]),
    [{ paths: [{ exact: `/${long(1024)}` }] }, [`.paths[0].exact: ${cut(`/${long(1024)}`)}, ${path}`]],
    [{ paths: [{ exact: "/\x7f\t" }] }, [`.paths[0].exact: found "/??", ${path}`]],
    [{ methods: [] }, [".methods: found an empty list, allowed: at least one entry"]],
    ...["get", "", "GET ", "G3T", long(33).toUpperCase()].map((found): [object, string[]] => [
      { methods: [found] },
      [`.methods[0]: found "${found}", allowed: a method in upper case`],
    ]),
    [{ methods: ["GET", "GET"] }, ['.methods[1]: found "GET" a second time, allowed once']],
    [{ percent: "50" }, [".percent: found a string, allowed: a number from 0 to 100"]],
    [{ percent: 100.001 }, [".percent: found 100.001, allowed: a number from 0 to 100"]],
    [{ percent: -1 }, [".percent: found -1, allowed: a number from 0 to 100"]],
    [{ sticky: { header: "x-user" } }, ['.sticky: allowed only with "percent"']],
    [{ percent: 1, sticky: "x-user" }, [".sticky: found a string, allowed: an object"]],
    [{ percent: 1, sticky: {} }, ['.sticky: allowed: exactly one of "header" or "cookie"']],
    [
      { percent: 1, sticky: { header: "x", cookie: "x" } },
      ['.sticky: allowed: exactly one of "header" or "cookie"'],
    ],
    ...["X-User", "", ":path", "a b", long(129)].map((found): [object, string[]] => [
      { percent: 1, sticky: { header: found } },
      [
        `.sticky.header: ${found.length > 80 ? cut(found) : `found "${found}"`}, allowed: a header name in lower case`,
      ],
    ]),
    ...["", "a=b", "a.b", long(129)].map((found): [object, string[]] => [
      { percent: 1, sticky: { cookie: found } },
      [`.sticky.cookie: ${found.length > 80 ? cut(found) : `found "${found}"`}, allowed: a cookie name`],
    ]),
    [{ services: "a/b" }, [".services: found a string, allowed: a list of patterns"]],
    [{ hosts: [1] }, [".hosts[0]: found a number, allowed: a pattern"]],
    [{ mode: 1 }, ['.mode: found a number, allowed: "strict", "prefer", "observe" or "off"']],
  ])("%j", (fields, reasons) => {
    const rules = [{ services: ["default/reviews"], mode: "strict", ...fields }];
    expect(problems(core, { version: 1, rules })).toEqual(reasons.map((reason) => `rules[0]${reason}`));
  });

  test.each<object>([
    { callers: ["A/b", "*/*", "a-*/a*", `${long(63)}*/x`, "0/1"] },
    { paths: [{ exact: "/" }, { prefix: `/${long(1023)}` }, { exact: "/~!$&'()*+,;=:@%20" }] },
    { methods: ["GET", "M-SEARCH", "X".repeat(32)] },
    { percent: 0 },
    { percent: 99.999, sticky: { header: `a_b-9${long(123)}` } },
    { percent: 100, sticky: { cookie: "Session_ID-1" } },
  ])("accepted: %j", (fields) => {
    const rules = [{ services: ["default/reviews"], mode: "strict", ...fields }];
    expect(problems(core, { version: 1, rules })).toEqual([]);
  });
});

describe("the same pattern in two rules", () => {
  const twice = ["rules[1].hosts[0]: names the same hosts as rules[0].services[0], allowed once"];
  test.each<[object, object, string[]]>([
    [{}, {}, twice],
    [{ percent: 1 }, { percent: 2 }, twice],
    [{ mode: "off" }, { mode: "strict" }, twice],
    [{ methods: ["GET"] }, { methods: ["GET"] }, twice],
    [{ callers: ["a/*"] }, { callers: ["a/*"] }, twice],
    [{ paths: [{ exact: "/" }] }, { paths: [{ exact: "/" }] }, twice],
    [{ methods: ["GET", "PUT"] }, { methods: ["PUT", "GET"] }, []],
    [{ methods: ["GET"] }, { methods: ["PUT"] }, []],
    [{ methods: ["GET"] }, { methods: ["GET", "PUT"] }, []],
    [{ methods: ["GET"] }, {}, []],
    [{}, { callers: ["a/*"] }, []],
    [{ paths: [{ exact: "/" }] }, { paths: [{ prefix: "/" }] }, []],
    [{ paths: [{ exact: "/a" }] }, { paths: [{ exact: "/b" }] }, []],
    [{ paths: [{ exact: "/a" }] }, { paths: [{ exact: "/a" }, { exact: "/b" }] }, []],
    [{ paths: [{ exact: "/a" }] }, { methods: ["GET"] }, []],
  ])("with %j and %j", (a, b, reasons) => {
    const rules = [
      { services: ["default/reviews"], mode: "strict", ...a },
      { hosts: ["Reviews.default.svc.cluster.local"], mode: "strict", ...b },
    ];
    expect(problems(core, { version: 1, rules })).toEqual(reasons);
  });

  test("and in a third, for every host", () => {
    const rule = (methods?: string[]) => ({ hosts: ["*"], mode: "off", ...(methods && { methods }) });
    expect(problems(core, { version: 1, rules: [rule(["A"]), rule(), rule(["B"]), rule()] })).toEqual([
      "rules[3].hosts[0]: names the same hosts as rules[1].hosts[0], allowed once",
    ]);
  });
});

describe("override and names", () => {
  const override = { header: "x-to", allow: ["any"], from: ["ops"] };
  test.each<[object, string[]]>([
    [{ override: [] }, ["override: found a list, allowed: an object"]],
    [{ override: {} }, ["override.header: missing", "override.allow: missing", "override.from: missing"]],
    [{ override: { header: "x-to", from: ["a"] } }, ["override.allow: missing"]],
    [
      { override: { ...override, form: 1 } },
      ['override.form: unknown field, allowed: "header", "allow" or "from" (did you mean "from"?)'],
    ],
    ...["to", "X-To", "x-", "x-a b", "", `x-${long(127)}`].map((found): [object, string[]] => [
      { override: { ...override, header: found } },
      [`override.header: ${found.length > 80 ? cut(found) : `found "${found}"`}, ${header}`],
    ]),
    [{ override: { ...override, header: 1 } }, [`override.header: found a number, ${header}`]],
    [
      { override: { ...override, allow: [], from: [] } },
      [
        "override.allow: found an empty list, allowed: at least one entry",
        "override.from: found an empty list, allowed: at least one entry",
      ],
    ],
    [{ override: { ...override, allow: ["a;b"] } }, [`override.allow[0]: found "a;b", ${clusterId}`]],
    [
      { override: { ...override, allow: ["any", "any"] } },
      ['override.allow[1]: found "any" a second time, allowed once'],
    ],
    [
      { override: { ...override, from: ["ops", "a/b", "*"] } },
      [
        'override.from[1]: found "a/b", allowed: a namespace',
        'override.from[2]: found "*", allowed: a namespace',
      ],
    ],
    [{ names: [] }, ["names: found a list, allowed: an object"]],
    [{ names: { a: 1 } }, [`names.a: found a number, ${serviceOrHost}`]],
    [{ names: { a: "a b" } }, [`names.a: found "a b", ${serviceOrHost}`]],
    [{ names: { a: "a/b/c" } }, [`names.a: found "a/b/c", ${serviceOrHost}`]],
    [{ names: { a: "*/b" } }, [`names.a: found "*/b", ${serviceOrHost}`]],
    ...["", ".a", "__proto__", "a b", "é"].map((key): [object, string[]] => [
      { names: { [key]: { x: [1] }, good: "a/b" } },
      [`names.${key}: allowed: the name of an Envoy cluster`],
    ]),
    [{ names: { [long(513)]: "a/b" } }, [`names.${long(80)}: allowed: the name of an Envoy cluster`]],
    [
      { names: { a: "a/b", A: "a/b" } },
      ["names.A: the same cluster name as another but for its case, allowed once"],
    ],
  ])("%j", (fields, reasons) => {
    expect(problems(core, { version: 1, ...fields })).toEqual(reasons);
  });

  test.each([
    '{"version":1,"override":{"header":',
    '{"version":1,"names":{"a":"a/b"',
    '{"version":1,"rules":[{"sticky":{"header":"x"',
    '{"version":1,"rules":[{"paths":[{"exact":"/"',
    '{"version":1,"rules":[{"services":[',
  ])("cut off: %s", (text) => {
    expect(problems(core, text)).toHaveLength(1);
    expect(problems(core, text)[0]).toMatch(/^\(root\): not JSON: found the end of the text where /);
  });
});

describe("the rest", () => {
  test.each<[unknown, string[]]>([
    [{ version: 1, clusters: "m1c1" }, ["clusters: found a string, allowed: a list"]],
    [{ version: 1, clusters: [long(254)] }, [`clusters[0]: ${cut(long(254))}, ${clusterId}`]],
    [
      { version: 1, clusterDomain: `${long(64)}.x` },
      [`clusterDomain: found "${long(64)}.x", allowed: a DNS name such as cluster.local`],
    ],
    ['{"version":1e999}', ["version: found 1e999, allowed: 1"]],
    ["null", ["(root): found null, allowed: an object"]],
    // Not in the middle of a character, and no control character as it is.
    [
      { version: 1, localCluster: `x${"é".repeat(60)}` },
      [`localCluster: found "x${"é".repeat(39)}...", ${clusterId}`],
    ],
    ["\u0007", ["(root): not JSON: found byte 7 where a value is expected (line 1, column 1)"]],
  ])("%j", (configuration, reasons) => {
    expect(problems(core, configuration)).toEqual(reasons);
  });

  test("hosts that are too long with the cluster domain", () => {
    const clusterDomain = ["d".repeat(63), "d".repeat(63), "d".repeat(63)].join(".");
    const services = [`${long(63)}/a`, "a/b", `${long(63)}/*`];
    expect(problems(core, { version: 1, clusterDomain, rules: [{ services, mode: "strict" }] })).toEqual([
      "rules[0].services[0]: stands for a host name longer than 253 bytes",
      "rules[0].services[2]: stands for a host name longer than 253 bytes",
    ]);
  });

  test("the size: 16 MiB at most", () => {
    const padded = (size: number) => '{"version":1}'.padEnd(size);
    expect(problems(core, padded(16 * 1024 * 1024))).toEqual([]);
    expect(problems(core, padded(16 * 1024 * 1024 + 1))).toEqual([
      "(root): the configuration is larger than 16 MiB",
    ]);
  });
});
