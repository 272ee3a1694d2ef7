import type { Topic } from "./topic.ts";

export const TERMINAL: Topic = {
  title: "The terminal: completion, colours and progress",
  text: `
Completion of commands, options and their values:

    $ source <(cluster-local completion bash)
    $ cluster-local completion zsh > "\${fpath[1]}/_cluster-local"
    $ cluster-local completion fish > ~/.config/fish/completions/cluster-local.fish

Colours appear only on a terminal, and never with NO_COLOR set or TERM=dumb.
FORCE_COLOR=1 wants them everywhere, FORCE_COLOR=0 nowhere.

What takes more than a second says on the standard error what it is doing.
`,
};
