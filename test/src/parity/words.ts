import fc from "fast-check";

/** The words that generated configurations are made of: those that fit each field, and those that nearly do. */

const label = "a".repeat(63);
const host = `${`${label}.`.repeat(3)}${"b".repeat(61)}`;

export const services = fc.constantFrom(
  ...["default/reviews", "default/details", "default/*", "*", "payments/*", "DEFAULT/Reviews", "a/b", "a/*"],
  ...[`${label}/${label}`, "0/0", "a-b/c-d"],
);
export const hosts = fc.constantFrom(
  ...["reviews.default.svc.cluster.local", "*.default.svc.cluster.local", "*.svc.cluster.local", "*"],
  ...["example.com", "*.example.com", "Example.COM", "_http._tcp.a", host, `*.${host}`, "-", "localhost"],
);
export const clusterIds = fc.constantFrom("m1c1", "m1c2", "on", "1.10", "0x1", "a/b", "{x}", "local", "any");
export const callers = fc.constantFrom(
  ...["default/productpage", "default/slee*", "default/productpage-*", "*/gateway", "default/*", "*/*"],
  ...[`${label}*/${label}*`, "a-*/b"],
);
export const paths = fc.constantFrom("/", "/a", "/a/b", `/${"a".repeat(1023)}`, "/%20", "/a;b=c,d");
export const methods = fc.constantFrom("GET", "POST", "M-SEARCH", "X".repeat(32), "-");
export const ownHeaders = fc.constantFrom("x-stay", "x-a_b", "x-3");
export const overrideHeaders = fc.constantFrom("x-send-to", "x-2");
export const clusterNames = fc.constantFrom(
  ...[
    "reviews",
    "outbound|80||a.b",
    "Reviews",
    "a.b",
    "x".repeat(80),
    "x".repeat(512),
    "constructor",
    "__proto__",
    "0",
    "1",
  ],
);
export const domains = fc.constantFrom(
  "cluster.local",
  "Corp.Example",
  "local",
  "a".repeat(63),
  host.slice(0, 130),
);
const someNumbers = fc.constantFrom(
  ...["0", "1", "1.0", "1e0", "100", "100.0", "99.99", "0.01", "1e2", "-0", "10e-1", "0.1e1"],
  ...["-1", "100.01", "101", "1e400", "-1e400", "1e-400", "2", "1.5", "4294967297", "1E2", "1e+2"],
  ...["99.9999999999999999999", "0.99999999999999994", "1.0000000000000001", "100.000000000000007"],
  ...["100.0000000000000072", "-1e-400", "-0.0", "0e999999999", "1e-999999999", "100.000000000000"],
);

/** A number as it may be written: digits, a point, an exponent; near 0, 1 and 100 more often than elsewhere. */
const madeNumbers = fc
  .record({
    sign: fc.constantFrom("", "", "", "-"),
    whole: fc.oneof(fc.constantFrom("0", "1", "99", "100"), fc.nat(10 ** 9).map(String)),
    places: fc.option(fc.oneof(fc.stringMatching(/^[09]{1,25}[0-9]$/), fc.stringMatching(/^[0-9]{1,20}$/))),
    exponent: fc.option(fc.tuple(fc.constantFrom("e", "E", "e+", "e-"), fc.nat(330)), { freq: 3 }),
  })
  .map(({ sign, whole, places, exponent }) =>
    [sign, whole, places === null ? "" : `.${places}`, ...(exponent ?? [])].join(""),
  );

export const numbers = fc.oneof(someNumbers, madeNumbers);

const near = fc.constantFrom(
  ...[
    "",
    " ",
    "*",
    "a",
    "A",
    "a b",
    "a,b",
    "a;b",
    "a|b",
    "é",
    "😀",
    "a\u007f",
    "a/b/c",
    "/",
    "//",
    "a/",
    "/a",
    "-a/b",
  ],
  ...[
    "a-/b",
    "a_b/c",
    "*/*",
    "**",
    "a*/b",
    "*a/b",
    "a--*/b",
    "-*/b",
    "a-*/*",
    `${label}-*/b`,
    `${label}a*/b`,
  ],
  ...[
    "*.",
    "*.*",
    "a..b",
    ".a",
    "a.",
    "*.a.",
    "*a.b",
    "a.*",
    `${label}a`,
    `${label}a.b`,
    `${host}c`,
    `*.${host}c`,
  ],
  ...["x-", "X-Stay", "host", ":authority", "x-é", "x".repeat(128), "x".repeat(129), `x-${"a".repeat(126)}`],
  ...[`x-${"a".repeat(127)}`, "x".repeat(253), "x".repeat(254), "x".repeat(512), "x".repeat(513)],
  ...[
    "/a?b",
    "/a#b",
    "/a b",
    `/${"a".repeat(1024)}`,
    "get",
    "G".repeat(33),
    "GET ",
    "strickt",
    "Strict",
    "true",
    "1",
  ],
  ...["{", "{}", "{hosts}", "{port}", "{subset}{host}", "svc.cluster.local", "constructor", "__proto__"],
);

export const anyText = fc.oneof(
  { weight: 6, arbitrary: near },
  { weight: 4, arbitrary: fc.oneof(services, hosts, clusterIds, callers, paths, methods, ownHeaders) },
  { weight: 2, arbitrary: fc.oneof(clusterNames, domains) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("strict", "prefer", "observe", "off"),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 30, unit: "grapheme" }) },
);

const FIELDS = [
  ...["version", "enabled", "localCluster", "clusterDomain", "clusters", "override", "names"],
  ...[
    "debug",
    "rules",
    "services",
    "hosts",
    "mode",
    "order",
    "callers",
    "paths",
    "methods",
    "percent",
    "sticky",
  ],
  ...["exact", "prefix", "header", "cookie", "allow", "from"],
  ...["pin", "absent"],
];

export const anyKey = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...FIELDS) },
  { weight: 1, arbitrary: clusterNames },
  { weight: 1, arbitrary: fc.string({ maxLength: 30, unit: "grapheme" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["service", "percnt", "Mode", "", "a.b", "[0]", "é", ".a", "a b", "toString", "hasOwnProperty"],
      ...["__proto__", "constructor", "prototype", "valueOf"],
      ...["x".repeat(79), "x".repeat(81), `${"x".repeat(79)}é`, `${"x".repeat(78)}é`, "😀".repeat(30)],
    ),
  },
);
