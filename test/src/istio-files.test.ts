import { expect, test } from "vitest";
import { fileOf, own } from "../../src/targets/istio/resource.ts";

const LONGEST = 253; // for a name of an object; of a namespace 63

test("a file's name says what is in it", () => {
  expect(fileOf(own("v1", "DestinationRule", "default", "reviews.v1", {}))).toBe(
    "1-destinationrule.default.reviews.v1.yaml",
  );
});

test("names that no file could have are cut, and stay apart", () => {
  const names = ["a", "b"].map((end) => "v".repeat(LONGEST - 1) + end);
  const files = names.map((name) => fileOf(own("v1", "DestinationRule", "n".repeat(63), name, {})));
  expect(new Set(files).size).toBe(2);
  for (const file of files) {
    expect(file).toMatch(/^1-destinationrule\.n{63}\.v+\.[0-9a-f]{16}\.yaml$/);
    // A file system takes 255 bytes, and the temporary file beside it has a process id and ".tmp" more.
    expect(file.length).toBeLessThan(230);
  }
});
