import fc from "fast-check";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { examine } from "../../src/doctor/examine.ts";
import { sample } from "../../src/index.ts";
import { inspect } from "../../src/live/inspect.ts";
import { LiveError } from "../../src/live/live-error.ts";
import { readRecording, startFakeAdmin, type FakeAdmin, type Recording } from "../support/fake-admin.ts";

/** Other Envoys answer otherwise: whatever is missing or of another type, a look and a diagnosis end in order. */

const admins: FakeAdmin[] = [];
afterAll(() => admins.forEach((admin) => admin.stop()));

const odd = [undefined, null, "", "x", 0, -1, true, [], {}, [null], [{}], { "@type": 1 }];

/** Replaces the part of a value that a list of numbers leads to. */
function replaced(value: unknown, way: readonly number[], by: unknown): unknown {
  const [step, ...rest] = way;
  if (step === undefined || typeof value !== "object" || value === null) return by;
  const keys = Object.keys(value);
  if (keys.length === 0) return by;
  const key = keys[step % keys.length]!;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe.each(["envoy"])("%s", (name) => {
  test("an answer of which any part is odd", async () => {
    const whole = readRecording(join(import.meta.dirname, `recordings/${name}.json`));
    const admin = await startFakeAdmin({ ...whole });
    admins.push(admin);
    const paths = ["/server_info", "/clusters", "/config_dump", "/stats/prometheus"] as const;
    const parts = fc.record({
      path: fc.constantFrom(...paths),
      way: fc.array(fc.nat(40), { minLength: 1, maxLength: 14 }),
      by: fc.constantFrom(...odd),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = { ...whole } as Record<string, unknown>;
        for (const { path, way, by } of changes) changed[path] = replaced(changed[path], way, by) ?? null;
        Object.assign(admin.recording, changed as unknown as Recording);
        const options = { supported: { from: "1.37", to: "1.40" }, now: 0 };
        const looks = [
          inspect(admin.address).then((state) => examine(state, options).findings.length),
          sample(admin.address).then(({ flows }) => flows.length),
        ];
        for (const look of await Promise.allSettled(looks)) {
          if (look.status === "rejected") expect(look.reason).toBeInstanceOf(LiveError);
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
