/**
 * The container `control`: it owns the folder of the Envoys' configuration, writes it when the containers start, with retention
 * off, and stays, for the folder lives as long as a container uses it. switch.mjs, run in it, writes it again.
 */
import { isConfigured, setRetention } from "./configuration.mjs";

// The first process of a container gets no signal that it does not ask for.
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));

try {
  // Restarted beside Envoys that run: the switch stays as it was set.
  if (!isConfigured()) await setRetention(false);
} catch (error) {
  console.error(`control: ${error.message}`);
  process.exit(1);
}
setInterval(() => {}, 2 ** 30);
