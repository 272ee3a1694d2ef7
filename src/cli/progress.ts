/** So long something may take before it is told, in milliseconds. */
const PATIENCE = 1000;
/** Files from this size on take longer than that; it is told before they are read, for then nobody can tell any more. */
const LARGE = 8 * 1024 * 1024;

/**
 * Tells on a stream what takes a while: nothing within the first second, then each step as it begins. A step that is known
 * to be long (`bytes` to read) is told at once.
 */
export function progress(write: (line: string) => void, now: () => number = () => performance.now()) {
  const start = now();
  return (doing: string, bytes = 0): void => {
    if (now() - start >= PATIENCE || bytes >= LARGE) write(`${doing} ...`);
  };
}
