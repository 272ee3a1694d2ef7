/**
 * Runs the Istio suite: `go test` with the Envoy that the resolver finds, what failed tests print, and one line of counts at the
 * end. Arguments go to `go test`, as in `npm run test:istio -- -run TestStory`. `ISTIO=1.29` runs it on another minor release of
 * Istio, by the modules of istio-1.29.mod.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { resolveEnvoy } from "../../envoy/resolve.ts";

interface TestEvent {
  /** "pass", "fail", "skip", "output" and others. */
  Action: string;
  Package?: string;
  Test?: string;
  Output?: string;
  /** Seconds. */
  Elapsed?: number;
}

const { path } = await resolveEnvoy({ log: (line) => console.log(line) });
// Most of a test is waiting, so three at a time are no load for two cores. Without debug information and vet, which compile and link Istio a second time (`go vet ./...` is its own check).
const flags = ["-json", "-timeout", "40m", "-ldflags=-w", "-vet=off", "-parallel=3"];
const { ISTIO: istio } = process.env;
if (istio) flags.push(`-modfile=istio-${istio}.mod`, `-tags=istio_${istio.replace(".", "_")}`);
const go = spawn("go", ["test", ...flags, ".", ...process.argv.slice(2)], {
  cwd: new URL(".", import.meta.url),
  // Two compilers at a time are what two cores and their memory take.
  env: { GOFLAGS: "-p=2", ...process.env, ENVOY_BIN: path },
  stdio: ["ignore", "pipe", "inherit"],
});
go.once("error", (error: NodeJS.ErrnoException) => {
  const missing = error.code === "ENOENT";
  console.error(
    missing ? "The Istio suite needs Go (see go.mod for the version): no `go` on PATH." : error.message,
  );
  process.exitCode = 1;
});

const counts = { pass: 0, fail: 0, skip: 0 };
/** What each running test has printed; shown when it fails. */
const printed = new Map<string, string>();
for await (const line of createInterface({ input: go.stdout })) {
  const event = parse(line);
  if (event === undefined) {
    console.log(line);
    continue;
  }
  const { Action: action, Test: test, Output: output = "" } = event;
  if (action === "output") {
    if (test === undefined) process.stdout.write(output);
    else printed.set(test, (printed.get(test) ?? "") + output);
  } else if (action in counts) {
    // A package that fails to build has no test that failed.
    if (test !== undefined || action === "fail") counts[action as keyof typeof counts]++;
    if (test === undefined) continue;
    if (action !== "pass") process.stdout.write(printed.get(test) ?? "");
    else if (!test.includes("/")) console.log(`ok ${test} (${event.Elapsed ?? 0} s)`);
    printed.delete(test);
  }
}
console.log(`${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped`);
if (counts.fail > 0 || counts.pass === 0) process.exitCode = 1;

/** An event of `go test -json`; undefined for what the compiler says in between. */
function parse(line: string): TestEvent | undefined {
  try {
    return JSON.parse(line) as TestEvent;
  } catch {
    return undefined;
  }
}
