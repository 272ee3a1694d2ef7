import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import type { Configuration } from "./configuration.ts";
import { leftovers } from "./leftovers.ts";
import { startRig, type Rig } from "./rig.ts";

/** A group of tests that need a Docker engine. Where there is none they are skipped; setup.ts says why. */
export const describeContainers = describe.skipIf(inject("whySkipped") !== "");

/** A rig for the tests of a group. It is removed after them, and then nothing of it may be left. */
export function useRig(configuration?: Configuration): () => Rig {
  let rig: Rig | undefined;
  beforeAll(async () => {
    rig = await startRig(inject("images"), configuration);
  });
  afterAll(async () => {
    if (!rig) return; // it did not start, and has been removed
    await rig.stop();
    expect(await leftovers(rig.label)).toEqual([]);
  });
  return () => rig!;
}
