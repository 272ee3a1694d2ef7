import { rmSync } from "node:fs";

const cleanups = new Set<() => void>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let hooked = false;

/**
 * Registers something to do when this process ends: normally, by an uncaught error, or by SIGINT, SIGTERM or
 * SIGHUP. It must be synchronous. Returns a function that takes the registration back.
 */
export function atExit(cleanup: () => void): () => void {
  hook();
  cleanups.add(cleanup);
  return () => void cleanups.delete(cleanup);
}

/** Removes a folder with all that is in it when this process ends. Returns a function that does it now. */
export function removeAtExit(dir: string): () => void {
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const forget = atExit(remove);
  return () => {
    forget();
    remove();
  };
}

function hook(): void {
  if (hooked) return;
  hooked = true;
  process.on("exit", cleanUp);
  for (const signal of signals) process.once(signal, () => endBy(signal));
}

function cleanUp(): void {
  for (const cleanup of [...cleanups].reverse()) {
    cleanups.delete(cleanup);
    try {
      cleanup();
    } catch (error) {
      console.error(error); // the others still have to run
    }
  }
}

/** Cleans up, then ends by the signal itself, so that a shell sees what ended this process. */
function endBy(signal: NodeJS.Signals): void {
  cleanUp();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
