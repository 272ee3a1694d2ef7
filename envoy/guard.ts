import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * A shell that keeps a list of process groups, told to it on its standard input (`+pgid`, `-pgid`), and kills
 * those that are left once that input ends. It ends when its parent does, however that ended: this is what
 * takes the children away after a SIGKILL, for which no process can have a handler.
 */
const script = `
groups=" "
while read -r line; do
  case $line in
    +*) groups="$groups\${line#+} " ;;
    -*) group=\${line#-}
        case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done`;

let input: Writable | undefined;

/** Has a process group killed should this process disappear. */
export function guard(group: number): void {
  input ??= start();
  input.write(`+${group}\n`);
}

/** Takes a group off the list: its processes are gone, and its number may be given to others. */
export function unguard(group: number): void {
  input?.write(`-${group}\n`);
}

function start(): Writable {
  // A group of its own: Ctrl-C in a terminal goes to all of the foreground group.
  const shell = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.on("error", () => {}); // no shell, no guard: the handlers in at-exit.ts still do their part
  shell.stdin.on("error", () => {});
  shell.unref();
  (shell.stdin as Writable & { unref?(): void }).unref?.();
  return shell.stdin;
}
