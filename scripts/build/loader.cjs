#!/usr/bin/env node
// dist/reconcile.js: loads the parts of the program when they are needed, with the compiled code that the build kept of each.
// Node's own loader of ES modules takes longer for a hundred parts than many a command.
"use strict";
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { setFlagsFromString } = require("node:v8");
const { Script } = require("node:vm");

// By default V8's young generation grows to 48 MiB, a third of the memory of a pass over 10,000 webhooks, and makes the
// pass no faster. Node versions after 24 may not have the flag, and would print a warning. Compiled code fits only the flags
// that it was made under, so this comes before the first part.
if (Number.parseInt(process.versions.node, 10) <= 24) setFlagsFromString("--semi-space-growth-factor=1");

/** By file; the build reads the scripts to keep what was compiled. */
const parts = new Map();

function load(file) {
  const known = parts.get(file);
  if (known) return known.module.exports;
  const source = `(function(exports,require,module,__filename){${readFileSync(file, "utf8")}\n})`;
  const script = new Script(source, { filename: file, cachedData: readCompiled(file) });
  const module = { exports: {} };
  parts.set(file, { script, module });
  const requirePart = (name) => (name.startsWith("./") ? load(join(file, "..", name)) : require(name));
  script.runInThisContext()(module.exports, requirePart, module, file);
  return module.exports;
}

/** V8 refuses what another version made; then it compiles the source. */
function readCompiled(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

module.exports = { parts, start: () => load(join(__dirname, "chunks/main.js")) };
if (require.main === module) module.exports.start();
