/** One line of JSON for each thing that happened, on the standard output. */
export type Log = (level: "info" | "warn" | "error", message: string, fields?: object) => void;

export const log: Log = (level, message, fields = {}) => {
  const time = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
};
