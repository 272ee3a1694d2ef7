import { isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOf, canonicalAddress, canonicalHost } from "../../src/input/host.ts";

describe("canonicalHost", () => {
  test.for([
    ["::1", ["::1", "[::1]", "0:0:0:0:0:0:0:1", "0000::0001", "[0:0::1]", "::0.0.0.1"]],
    ["2001:db8::1", ["2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "[2001:db8:0::0:1]"]],
    ["127.0.0.1", ["127.0.0.1", "::ffff:127.0.0.1", "::FFFF:7f00:1", "0:0:0:0:0:ffff:7f00:0001"]],
    ["127.0.0.1", ["0x7f.0.0.1", "0177.0.0.1", "0x7F000001", "127.0.0.1."]],
    ["::", ["::", "0::0", "[0:0:0:0:0:0:0:0]"]],
    ["fe80::1%eth0", ["fe80::1%eth0", "FE80:0::1%eth0"]],
    ["reviews.default.svc", ["reviews.default.svc", "Reviews.Default.SVC", "reviews.default.svc."]],
    // Names that an URL would change or refuse, and what is no address after all.
    ["a_b", ["a_b", "A_B", "a_b."]],
    ["1.2.3.4.5", ["1.2.3.4.5"]],
    ["127.0.0.one", ["127.0.0.one"]],
    [".", ["."]],
    ["", [""]],
  ] as const)("%s has the spellings %s", ([one, spellings]) => {
    expect(spellings.map(canonicalHost)).toEqual(spellings.map(() => one));
  });

  test("of any two spellings of an IPv6 address is one, and of two addresses are two", () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
    const written = (parts: readonly number[], pad: boolean) =>
      parts.map((part) => part.toString(16).padStart(pad ? 4 : 1, "0")).join(":");
    fc.assert(
      fc.property(groups, groups, (a, b) => {
        const one = canonicalHost(written(a, false));
        expect(canonicalHost(`[${written(a, true).toUpperCase()}]`)).toBe(one);
        expect(canonicalHost(one)).toBe(one);
        expect(isIP(one)).not.toBe(0);
        if (isIP(one) === 6) expect(new SocketAddress({ family: "ipv6", address: one }).address).toBe(one);
        expect(canonicalHost(written(b, false)) === one).toBe(a.join() === b.join());
      }),
    );
  });

  test("is its own canonical form, for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.ipV4Extended(), fc.ipV6(), fc.domain()),
        (text) => {
          // A name may end with many dots, of which the last alone is the root's.
          const once = canonicalHost(text.replace(/\.+$/, ""));
          if (!/^\[.*\]$|\.$/.test(once)) expect(canonicalHost(once)).toBe(once);
        },
      ),
    );
  });
});

test("an address has one spelling, too", () => {
  const spellings = ["[::ffff:10.0.0.1]:80", "10.0.0.1:080", "0xa.0.0.1:80", "10.0.0.1.:80"];
  expect(spellings.map(canonicalAddress)).toEqual(spellings.map(() => "10.0.0.1:80"));
  expect(canonicalAddress("[0::1]:80")).toBe(addressOf("::1", 80));
  expect(canonicalAddress("0::1")).toBe("::1");
  expect(canonicalAddress("Name.:80")).toBe("name:80");
});
