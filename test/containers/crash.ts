/**
 * Starts the rig and then fails, as its argument says, without stopping it: what cleanup.test.ts runs. Prints the label of
 * what it starts.
 */
import type { Images } from "../../envoy/images.ts";
import { sessionLabel, startRig } from "./rig.ts";

const [how, images] = process.argv.slice(2);
console.log(await sessionLabel());
const rig = await startRig(JSON.parse(images!) as Images);
console.log(`serving at ${rig.gateway}`);
if (how === "throws") throw new Error("a test that fails");
setInterval(() => {}, 1000);
