import { execFileSync } from "node:child_process";
import { build } from "./support/build.ts";

/** Before the first test: the tools, as the controller runs from them, and the API server and istiod as programs. */
export default function setup(): Promise<void> {
  execFileSync(process.execPath, ["src/dev/setup.mjs"], { stdio: "inherit" });
  return build((line) => console.log(line));
}
