import { describe, inject } from "vitest";

/** A group of tests that need a Docker engine. Where there is none they are skipped; setup.ts says why. */
export const describeContainers = describe.skipIf(inject("whySkipped") !== "");
