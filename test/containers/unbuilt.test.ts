import { describe, expect, inject, test } from "vitest";
import { docker } from "../../envoy/docker.ts";
import { findOnPath } from "../../envoy/resolve.ts";
import { makeStandIn } from "../../envoy/stand-in.ts";
import { composeClients } from "./compose-client.ts";
import { expectHardened, Project, useFreshClone } from "./compose-project.ts";
import { describeContainers } from "./containers.ts";

/** Why npm in a container cannot ask its registry, though npm here may; undefined when it can. */
async function whyNoRegistry(): Promise<string | undefined> {
  const env = ["--env", "HOME=/tmp", "--env", "NPM_CONFIG_REGISTRY"];
  const ping = ["run", "--rm", ...env, inject("images").NODE_IMAGE, "npm", "ping", "--fetch-retries=0"];
  return docker(ping).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
}

const client = composeClients.find(({ missing }) => !missing);

describeContainers("docker-compose.yaml in a fresh clone that is not built", () => {
  describe.skipIf(!client)(`with ${client?.name}`, () => {
    const clone = useFreshClone({ setUp: false });

    test("`up` builds in a container, and then tells the story", { timeout: 600_000 }, async ({ skip }) => {
      const why = await whyNoRegistry();
      if (why !== undefined) skip(`npm in a container cannot ask its registry: ${why}`);
      const project = await Project.of(client!, clone(), inject("images"));
      await project.compose("up", "-d");
      expect((await project.compose("logs", "control")).stdout).toMatch(
        / not built, .*\n.*It took \d+ s\.\n/,
      );
      expect(await project.shell((await project.story()).curl)).toBe((await project.story()).off);
      await expectHardened();
      await project.shell("./switch on");
      await project.expectCurl("on");
    });

    const buildFails = async (more: { NPM_CONFIG_REGISTRY?: string; NODE_IMAGE?: string }, why: RegExp) => {
      const project = await Project.of(client!, clone(), { ...inject("images"), ...more });
      await expect(project.compose("run", "--rm", "-T", "control")).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(why) as string,
      });
    };

    test("without a registry it says so in one line, and ends", async () => {
      await buildFails(
        { NPM_CONFIG_REGISTRY: "https://registry.invalid" },
        /^control: npm cannot reach the registry https:\/\/registry\.invalid \(.*\): set .*`npm ci && npm run build`.*$/m,
      );
    });

    test("without npm, too", async () => {
      const others = ["bash", "env"].map((name) => findOnPath(name, process.env.PATH!)!);
      const image = "cluster-local-node:without-npm";
      await makeStandIn({ image, programs: [process.execPath, ...others] });
      try {
        await buildFails({ NODE_IMAGE: image }, /^control: There is no npm in this image, .*$/m);
      } finally {
        await docker(["image", "rm", image]);
      }
    });
  });
});
