// Runs one command, and writes what was compiled by its end.
"use strict";
const { writeFileSync } = require("node:fs");

process.argv.splice(1, 1);
const { parts, start } = require(process.argv[1]);
process.on("exit", () => {
  for (const [file, { script }] of parts) writeFileSync(`${file}.cache`, script.createCachedData());
});
start();
