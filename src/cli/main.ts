#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { wantsColours } from "./colour.ts";
import { progress } from "./progress.ts";
import { run } from "./run.ts";
import { terminalOf } from "./terminal.ts";

// A large file becomes many small objects that all stay: the young generation had better be large from the beginning.
setFlagsFromString("--semi-space-growth-factor=16");

// Who reads the output may have had enough of it, as `head` does.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });

const err = (line: string) => process.stderr.write(`${line}\n`);
process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err,
  terminal: terminalOf(process.stdout),
  colours: { out: wantsColours(process.stdout, process.env), err: wantsColours(process.stderr, process.env) },
  busy: progress(err),
});
