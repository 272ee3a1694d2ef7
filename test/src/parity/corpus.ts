/** Configurations that stand at the edges of what is allowed, by what is special about them. */
const label = "a".repeat(63);
/** A host name of this size. */
const name = (size: number) =>
  Array.from({ length: size }, (_, i) => (i % 50 === 49 && i < size - 1 ? "." : "b")).join("");
/** A rule for a service of the longest name, in a domain that makes its host this long. */
const longService = (size: number) =>
  withRule(
    { services: [`${label}/${label}`] },
    { clusterDomain: name(size - `${label}.${label}.svc.`.length) },
  );

const longName = (size: number) =>
  json({
    clusterDomain: name(size - `${label}.${label}.svc.`.length),
    names: { reviews: `${label}/${label}` },
  });

const json = (fields: object) => JSON.stringify({ version: 1, ...fields });
const withRule = (rule: object, fields: object = {}) =>
  json({ ...fields, rules: [{ services: ["a/b"], mode: "strict", ...rule }] });
const withRules = (...rules: object[]) =>
  json({ rules: rules.map((rule) => ({ services: ["a/b"], mode: "strict", ...rule })) });

export const corpus: Record<string, string> = {
  "nothing but a version": json({}),
  "a list where an object belongs": "[]",
  "no rules": json({ rules: [] }),
  "no clusters in the list": json({ clusters: [] }),
  "a service whose host has 253 bytes": longService(253),
  "a service whose host has 254 bytes": longService(254),
  "a service whose host has 255 bytes": longService(255),
  "a host of 253 bytes": withRule({ hosts: [name(253)] }),
  "a host of 254 bytes": withRule({ hosts: [name(254)] }),
  "a suffix of 253 bytes": withRule({ hosts: [`*.${name(253)}`] }),
  "a suffix of 254 bytes": withRule({ hosts: [`*.${name(254)}`] }),
  "every service of a domain of 249 bytes": withRule({ services: ["*"] }, { clusterDomain: name(249) }),
  "every service of a domain of 250 bytes": withRule({ services: ["*"] }, { clusterDomain: name(250) }),
  "a pattern twice": withRules({}, {}),
  "a pattern twice, for other callers": withRules({ callers: ["a/*"] }, { callers: ["b/*"] }),
  "a pattern twice, for the same callers in another order": withRules(
    { callers: ["a/*", "b/*"] },
    { callers: ["b/*", "a/*"] },
  ),
  "a pattern twice, for the same requests": withRules(
    { callers: ["a/*"], paths: [{ exact: "/" }], methods: ["GET"] },
    { callers: ["a/*"], paths: [{ exact: "/" }], methods: ["GET"] },
  ),
  "a pattern twice, for a path and for what begins so": withRules(
    { paths: [{ exact: "/a" }] },
    { paths: [{ prefix: "/a" }] },
  ),
  "a pattern twice, with other shares": withRules({ percent: 10 }, { percent: 20 }),
  "a pattern three times": withRules({ methods: ["GET"] }, {}, { methods: ["GET"] }),
  "a pattern as a service and as a host": withRule({ hosts: ["b.a.svc.cluster.local"] }),
  "a pattern as a host and as a service": `{"version": 1, "rules": [
    {"hosts": ["b.a.svc.cluster.local"], "services": ["A/B"], "mode": "off"}]}`,
  "sticky without percent": withRule({ sticky: { header: "x-user" } }),
  "sticky with a percent that is none": withRule({ sticky: { header: "x-user" }, percent: "10" }),
  "sticky by nothing": withRule({ sticky: {}, percent: 1 }),
  "sticky by both": withRule({ sticky: { header: "a", cookie: "A" }, percent: 1 }),
  "a path that is both": withRule({ paths: [{ exact: "/a", prefix: "/b" }] }),
  "a path that is neither": withRule({ paths: [{}] }),
  "a path twice": withRule({ paths: [{ exact: "/a" }, { exact: "/a" }] }),
  "a caller twice": withRule({ callers: ["a/*", "a/*"] }),
  "two wrong names that are the same": withRule({ methods: ["get", "get"] }),
  "an order for a rule whose mode is wrong": withRule({ mode: "preferr", order: ["m1c1"] }),
  "an order that is none, for a rule without one": withRule({ order: 5 }),
  "a rule after one with an order that is wrong": withRules({ order: 5 }, { services: ["b/b"] }),
  "no order anywhere": withRule({ mode: "prefer" }),
  "no order anywhere, for a rule with wrong patterns": withRule({ mode: "prefer", services: ["b"] }),
  "a name for a host of 253 bytes": longName(253),
  "a name for a host of 254 bytes": longName(254),
  "an override without anything": json({ override: {} }),
  "names that differ in case": json({ names: { Reviews: "a/b", reviews: "a/b" } }),
  "names that differ in case, 100 letters long": json({
    names: { ["a".repeat(100)]: "a/b", ["A".repeat(100)]: "a/b" },
  }),
  "a name twice": '{"version": 1, "names": {"a": "a/b", "a": "a/b"}}',
  "a wrong name twice": '{"version": 1, "names": {".a": "a/b", ".a": "a/b"}}',
  "a name as inherited by every object": json({ names: { constructor: "a/b", toString: 5 } }),
  "a field twice, the first of them wrong": '{"version": 1, "enabled": 1, "enabled": true}',
  "a field twice, the second of them wrong": '{"version": 1, "enabled": true, "enabled": 1}',
  "a field twice, with fields twice in it":
    '{"version": 1, "override": {}, "override": {"allow": 1, "allow": 2}}',
  "fields twice in a field that nobody reads": '{"version": 1, "comment": {"a": 1, "a": 2}}',
  "fields twice where a list belongs": '{"version": 1, "rules": {"a": 1, "a": 2}}',
  "fields twice in a field where a list belongs": '{"version": 1, "rules": {"a": {"mode": 1, "mode": 2}}}',
  "a list with a long number where an object belongs": "[1.0000000000000001]",
  "a field without a name": '{"version": 1, "": 1, "override": {"": 1}}',
  "a field with a line break in its name": '{"version": 1, "a\\nb": 1}',
  "a long field, its 80th byte in the middle of a letter": json({ [`${"x".repeat(79)}é`]: 1 }),
  "half of a surrogate pair": '{"version": 1, "localCluster": "\\ud800"}',
  "a surrogate pair": '{"version": 1, "localCluster": "\\ud83d\\ude00"}',
  "more problems than are listed": json({ clusters: Array.from({ length: 120 }, (_, i) => `a ${i}`) }),
  "100,000 rules": json({
    rules: Array.from({ length: 100_000 }, (_, i) => ({ services: [`a/s${i}`], mode: "off" })),
  }),
  "more than 16 MiB": json({ localCluster: "a".repeat(17 * 1024 * 1024) }),
  "5 MB of nesting": "[".repeat(5_000_000),
  "a percent that rounds to 100":
    '{"version": 1, "rules": [{"services": ["a/b"], "mode": "off", "percent": 99.9999999999999999999}]}',
  "a percent of 15 digits": withRule({ percent: 33.3333333333333 }),
  "a percent of 17 digits": withRule({ percent: 100 / 3 }),
  "a percent that is just above 100":
    '{"version": 1, "rules": [{"services": ["a/b"], "mode": "off", "percent": 100.000000000001}]}',
  "a version of 20 digits": '{"version": 1.0000000000000000000}',
  "a percent below nothing": '{"version": 1, "rules": [{"services": ["a/b"], "mode": "off", "percent": -0}]}',
  "a number of 16 digits where no number belongs":
    '{"version": 1, "clusters": [1234567890123456], "x": 1234567890123456}',
  "__proto__ where fields are": '{"version": 1, "__proto__": {"enabled": 1}, "rules": [{"__proto__": 1}]}',
  "__proto__ where names are": '{"version": 1, "names": {"__proto__": "a/b", "constructor": 1}}',
  "__proto__ twice where names are": '{"version": 1, "names": {"__proto__": "a/b", "__proto__": "a/b"}}',
  "a cluster id that joins two": json({ clusters: ["m1c1,m1c2"] }),
  "a cluster id that means anywhere": json({ localCluster: "*" }),
  "an escaped letter beyond ASCII": '{"version": 1, "localCluster": "\\u00e9"}',
  "an escaped backslash before a u": '{"version": 1, "localCluster": "\\\\u00e9"}',
  "a letter of ASCII, escaped": '{"vers\\u0069on": 1, "localCluster": "\\u0061"}',
  "32 levels": `{"version": 1, "a": ${"[".repeat(31)}${"]".repeat(31)}}`,
  "33 levels": `{"version": 1, "a": ${"[".repeat(32)}${"]".repeat(32)}}`,
  "no text": "",
  "white space": " \n",
};
