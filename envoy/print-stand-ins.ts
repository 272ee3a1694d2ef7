/**
 * `npm run stand-ins`: makes the stand-in images and prints the environment that has them used, for a shell to read:
 *
 *     eval "$(npm run --silent stand-ins)"
 */
import { makeStandIns } from "./images.ts";

try {
  for (const [name, image] of Object.entries(await makeStandIns(console.error)))
    console.log(`export ${name}=${image}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
