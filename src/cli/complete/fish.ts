import { stepsOf, type Option, type Place } from "./model.ts";

/** A completion script for fish. */
export function fishScript(places: readonly Place[]): string {
  const steps = stepsOf(places).map(quoted);
  return `# fish completion for cluster-local
# Install it with: cluster-local completion fish > ~/.config/fish/completions/cluster-local.fish
function __cluster_local_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        if contains -- "$at $word" ${steps.join(" ")}
            set at (string trim -- "$at $word")
        end
    end
    test "$at" = "$argv[1]"
end
complete -c cluster-local -f
${places.flatMap(linesOf).join("\n")}`;
}

function linesOf({ path, commands, options, words }: Place): string[] {
  const here = `complete -c cluster-local -n "__cluster_local_at '${path}'"`;
  return [
    ...commands.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
    ...(words === "files" ? [`${here} -F`] : words.map((word) => `${here} -a ${word}`)),
    ...options.map((option) => `${here} ${optionText(option)}`),
  ];
}

function optionText({ name, description, short, values }: Option): string {
  const letter = short === undefined ? "" : ` -s ${short}`;
  const value =
    values === undefined
      ? ""
      : values === "files"
        ? " -r -F"
        : values === "anything"
          ? " -x"
          : ` -x -a ${quoted(values.join(" "))}`;
  return `-l ${name}${letter}${value} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
