/** `switch.mjs on|off`, run in the container `control`: turns retention on or off, with the rules of policy.yaml as it is now. */
import { isConfigured, setRetention } from "./configuration.mjs";

try {
  if (!isConfigured())
    throw new Error("The Envoys have no configuration yet: the container `control` is starting.");
  await setRetention(process.argv[2] === "on");
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
