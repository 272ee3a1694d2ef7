import type { Topic } from "./topic.ts";

export const EXIT_CODES: Topic = {
  title: "Exit codes: what a script can rely on",
  text: `
  0  it is done. validate: no errors, perhaps warnings. diff: compared, whether
     or not something changes
  1  the input is wrong: a file that is not there or may not be read, or what
     stands in it. doctor: it found an error. Nothing was written.
     validate --fail-on-warnings: also with warnings only
  2  the command line is wrong: an unknown option, a cluster or a caller that
     the files do not know. The message says what is allowed
  3  generate istio: all was made but what some services need; these are named

Results go to the standard output, everything else to the standard error. Those
of explain, diff, validate, doctor and status are for machines with --json.
`,
};
