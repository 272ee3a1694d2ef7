import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { docker } from "../../envoy/docker.ts";
import { describeContainers } from "./containers.ts";

const root = join(import.meta.dirname, "../..");
const IMAGE = "cluster-local-controller:test";
/** As the Deployment of `controller manifests` runs it. */
const HARDENED = ["--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];

describeContainers("the controller's image", () => {
  beforeAll(async () => {
    const node = `NODE_IMAGE=${inject("images").NODE_IMAGE}`;
    await promisify(execFile)(join(root, ".ci/controller-image"), [IMAGE, "--build-arg", node], {
      cwd: root,
    });
  }, 120_000);
  afterAll(() => docker(["image", "rm", "--force", IMAGE]));

  test("runs as nobody, on a read-only file system", async () => {
    const user = await docker(["image", "inspect", "--format", "{{.Config.User}}", IMAGE]);
    expect(user).toBe("65532:65532");
    const printed = await docker(["run", ...HARDENED, IMAGE, "--version"]);
    expect(printed).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("prints the manifests of an installation of itself", async () => {
    const args = ["controller", "manifests", "--cluster-id", "m1c1", "--image", IMAGE];
    const printed = await docker(["run", ...HARDENED, IMAGE, ...args]);
    expect(printed).toContain(`image: ${IMAGE}`);
    expect(printed).toContain("readOnlyRootFilesystem: true");
    expect(printed).toContain("runAsUser: 65532");
  });

  test("says in one line what it lacks outside of a pod", async () => {
    const run = docker(["run", ...HARDENED, IMAGE, "controller", "--cluster-id", "m1c1"]);
    await expect(run).rejects.toThrow("not in a pod: KUBERNETES_SERVICE_HOST is not set");
  });
});
