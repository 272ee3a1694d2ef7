import { build } from "./support/build.ts";

/** Before the first test: the API server as a program. */
export default function setup(): Promise<void> {
  return build((line) => console.log(line));
}
