#!/usr/bin/env node
import { run } from "./run.ts";
import { terminalOf } from "./terminal.ts";

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  terminal: terminalOf(process.stdout, process.env),
});
