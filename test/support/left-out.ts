/** The suites that `npm test` leaves out, because not every machine has what they need, and how each is run. */
const leftOut = [
  "test/browser     needs Chromium: npm run test:browser",
  "test/containers  needs a Docker engine: npm run test:containers",
  "test/istio       needs Go, and minutes for its first build: npm run test:istio",
  "test/matrix      installs more Envoys: npm run test:matrix",
];

/** Names them before the whole suite runs; a run of some files, which vitest's arguments name, says nothing of others. */
export default function setup(): void {
  const files = process.argv.slice(2).filter((arg) => arg !== "run" && !arg.startsWith("-"));
  if (files.length === 0) console.log(["Not among these tests:", ...leftOut].join("\n  "));
}
