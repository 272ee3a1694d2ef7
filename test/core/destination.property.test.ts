import fc from "fast-check";
import { expect, test } from "vitest";
import { byAuthority, byCluster, byVirtualHost } from "../../src/policy/destination.ts";
import { holds, PATIENCE } from "./property.ts";

const label = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "reviews",
      "default",
      "svc",
      "SVC",
      "cluster",
      "local",
      "a",
      "B-2",
      "x_y",
      "10",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "-", "é", "a b", "*", "svd") },
  { weight: 1, arbitrary: fc.constantFrom("a".repeat(62), "b".repeat(63), "c".repeat(64)) },
);
const host = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 6 }), fc.constantFrom("", "", "", "", ".", ".."))
  .map(([labels, end]) => labels.join(".") + end);
const port = fc.constantFrom("80", "9080", "", "0", "65535", "99999", "123456", "http", "8 0", "80:80");
const hostPort = fc.oneof(
  host,
  fc.tuple(host, port).map((parts) => parts.join(":")),
);
const direction = fc.constantFrom("outbound", "outbound", "outbound", "inbound", "Outbound", "outbound_", "");
const subset = fc.constantFrom("", "", "v1", "v1.2", "a|b", " ");
const istio = fc.tuple(direction, port, subset, host).map((parts) => parts.join("|"));
const odd = fc.constantFrom(
  "PassthroughCluster",
  "BlackHoleCluster",
  "allow_any",
  "*:80",
  "",
  "|",
  "||",
  "|||",
  "[::1]:80",
);

const name = fc.oneof(
  { weight: 5, arbitrary: hostPort },
  { weight: 5, arbitrary: istio },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map(latin1) },
);

/** Sometimes a byte of the name is another, or goes, or one comes in. */
const garbled = fc
  .tuple(
    name,
    fc.option(fc.record({ at: fc.nat(40), gone: fc.nat(1), byte: fc.nat(0xff), comes: fc.boolean() }), {
      freq: 3,
    }),
  )
  .map(([text, change]) => {
    if (!change) return text;
    const at = change.at % (text.length + 1);
    const byte = change.comes ? String.fromCharCode(change.byte) : "";
    return text.slice(0, at) + byte + text.slice(at + change.gone);
  });

type Evidence = "cluster" | "virtualHost" | "authority";
const evidences: Evidence[] = ["cluster", "virtualHost", "authority"];

/** As the core tells it: `settled host guessed`, with `-` for what is not known. */
function modelled(evidence: Evidence, name: string, namespace: string | null, domain: string): string {
  const found =
    evidence === "cluster"
      ? byCluster(name)
      : evidence === "virtualHost"
        ? byVirtualHost(name)
        : byAuthority(name, namespace ?? undefined, domain);
  if (!found) return "open - known";
  const { host, guessed } = found;
  return [host === undefined ? "nothing" : "settled", host ?? "-", guessed ? "guessed" : "known"].join(" ");
}

test(
  "a destination is what the tools say (src/policy/destination.ts), whatever the bytes",
  async () => {
    const cases = fc.record({
      evidence: fc.constantFrom(...evidences),
      name: garbled,
      namespace: fc.constantFrom("default", "Team-A", "n".repeat(63), null),
      domain: fc.constantFrom("cluster.local", "d", `${"d".repeat(63)}.`.repeat(3) + "d".repeat(40)),
    });
    await holds(cases, (core, { evidence, name, namespace, domain }) => {
      // A character for each byte; bytes beyond ASCII come in as they are.
      const found = core.destination(evidence, Buffer.from(name, "latin1"), namespace, domain);
      const wanted = modelled(evidence, latin1(Buffer.from(name, "latin1")), namespace, domain);
      if (found !== wanted) expect(found).toBe(wanted);
    });
  },
  PATIENCE,
);

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
