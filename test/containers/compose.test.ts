import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { docker } from "../../envoy/docker.ts";
import { composeClients } from "./compose-client.ts";
import { expectHardened, Project, projectLabel, useFreshClone } from "./compose-project.ts";
import { describeContainers } from "./containers.ts";
import { leftovers } from "./leftovers.ts";

describeContainers("docker-compose.yaml in a fresh clone", () => {
  const clone = useFreshClone({ setUp: true });

  describe.each(composeClients)("with $name", (client) => {
    let project: Project;
    beforeEach(async () => {
      project = await Project.of(client, clone());
    });

    test.skipIf(client.missing)(
      "`up` is its first command, and the README's curl tells the story; nobody is root, and it ends cleanly",
      { timeout: 240_000 },
      async () => {
        const { curl, off, on } = await project.story();
        // As the README has it, but that `eval` would not outlive its shell.
        const standIns = await project.shell("npm run --silent stand-ins");
        for (const [, name, image] of standIns.matchAll(/^export (\w+)=(cluster-local-.*)$/gm))
          project.env[name!] = image;

        await project.compose("up", "-d");
        expect(await project.shell(curl)).toBe(off);
        const ids = await expectHardened();
        const images = await docker(["inspect", "--format", "{{.Config.Image}}", ...ids]);
        expect(images).toMatch(/^(cluster-local-(envoy|node):\S+\s*){13}$/);

        expect(await project.shell("./switch on")).toMatch(
          /^(\S+\/cluster_local\.yaml +updated\n){3}Retention is on\.\n$/,
        );
        await project.expectCurl("on");
        const before = await project.receivedFromM1c1();
        expect(await project.shell(curl)).toBe(on);
        const after = await project.receivedFromM1c1();
        expect(after).toEqual({ v1: before.v1 + 10, v2: before.v2 });

        await project.compose("pause", "m1c1-reviews");
        expect(await project.shell(curl)).toBe("");
        await project.compose("unpause", "m1c1-reviews");
        await project.expectCurl("on");
        expect((await project.receivedFromM1c1()).v2).toBe(before.v2);

        // A control that starts again leaves the switch as it is.
        await project.compose("restart", "control");
        expect(await project.shell(curl)).toBe(on);
        await project.shell("./switch off");
        await project.expectCurl("off");

        await project.compose("stop");
        const exits = ["inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", ...ids];
        expect(new Set((await docker(exits)).split("\n"))).toEqual(new Set(["0 false"]));
        await project.compose("down", "--volumes");
        expect(await leftovers(projectLabel)).toEqual([]);
      },
    );

    test.skipIf(client.missing)(
      "`switch on` takes up an edited policy, and refuses a wrong one, which changes nothing",
      { timeout: 180_000 },
      async () => {
        Object.assign(project.env, inject("images"));
        await project.compose("up", "-d");
        await project.shell("./switch on");
        await project.expectCurl("on");

        const path = join(clone().example, "policy.yaml");
        const policy = await readFile(path, "utf8");
        await writeFile(path, policy.replace("mode: strict", "mode: strickt"));
        await expect(project.shell("./switch on")).rejects.toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/policy\.yaml:\d+:\d+.*strickt/) as string,
        });
        await project.expectCurl("on");
        await writeFile(path, policy.replace("default/reviews", "default/ratings"));
        await project.shell("./switch on");
        await project.expectCurl("off");
        await writeFile(path, policy);
      },
    );
  });
});
