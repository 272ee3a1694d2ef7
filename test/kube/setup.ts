import { build } from "./support/build.ts";

/** Before the first test: the API server and istiod as programs. */
export default function setup(): Promise<void> {
  return build((line) => console.log(line));
}
