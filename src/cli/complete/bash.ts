import { stepsOf, valueCases, type Option, type Place } from "./model.ts";

/** A completion script for bash, version 3.2 or newer. */
export function bashScript(places: readonly Place[]): string {
  const steps = stepsOf(places).map((step) => `"${step}"`);
  return `# bash completion for cluster-local
# Load it with: source <(cluster-local completion bash)
_cluster_local() {
  local cur prev word at="" i
  COMPREPLY=()
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at $word" in
      ${steps.join("|")}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at $prev" in
${places.flatMap((place) => valueCases(place, offer)).join("\n")}
  esac
  # Where nothing is offered, bash offers the names of files.
  case "$at" in
${places.map(placeCase).join("\n")}
  esac
}
complete -o default -F _cluster_local cluster-local`;
}

/** Nothing, and bash offers the names of files. */
function offer(values: Option["values"]): string {
  return Array.isArray(values) ? `COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$cur"))` : "";
}

function placeCase({ path, commands, options, words }: Place): string {
  const dashed = options.map(({ name }) => `--${name}`);
  const offered = [...commands.map(({ name }) => name), ...(words === "files" ? [] : words), ...dashed].join(
    " ",
  );
  // Names of files come only where no option is begun.
  const guard = words === "files" ? `[[ $cur == -* ]] && ` : "";
  return `    "${path}") ${guard}COMPREPLY=($(compgen -W "${offered}" -- "$cur")) ;;`;
}
