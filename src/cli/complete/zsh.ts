import { stepsOf, valueCases, type Described, type Option, type Place } from "./model.ts";

/** A completion script for zsh; a file `_cluster-local` in a folder of $fpath, or sourced after compinit. */
export function zshScript(places: readonly Place[]): string {
  const steps = stepsOf(places).map((step) => `"${step}"`);
  return `#compdef cluster-local
# zsh completion for cluster-local
# Install it with: cluster-local completion zsh > "\${fpath[1]}/_cluster-local"
_cluster_local() {
  local at="" word
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${steps.join("|")}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${places.flatMap((place) => valueCases(place, offer)).join("\n")}
  esac
  case "$at" in
${places.map(placeCase).join("\n")}
  esac
  _describe 'cluster-local' offered
}
if [ "$funcstack[1]" = "_cluster-local" ]; then _cluster_local "$@"; else compdef _cluster_local cluster-local; fi`;
}

function offer(values: Option["values"]): string {
  if (Array.isArray(values)) return `compadd -- ${values.join(" ")}`;
  return values === "files" ? "_files" : "_message 'a value'";
}

function placeCase({ path, commands, options, words }: Place): string {
  const described = [
    ...commands,
    ...(words === "files" ? [] : words.map((name) => ({ name, description: "" }))),
    ...options.map(({ name, description }) => ({ name: `--${name}`, description })),
  ];
  const files = words === "files" ? "_files; " : "";
  return `    "${path}") ${files}offered=(${described.map(entry).join(" ")}) ;;`;
}

/** `name:description`, in single quotes. */
function entry({ name, description }: Described): string {
  const text = description === "" ? name : `${name}:${description.replaceAll("'", "'\\''")}`;
  return `'${text}'`;
}
