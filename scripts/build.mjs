// Builds dist/reconcile.js: one bundle with split chunks, so that a command loads only what it needs.
import { rm } from "node:fs/promises";
import { build } from "esbuild";
import "./generate-dashboard.mjs";
import "./generate-validators.mjs";
import { writeNotices } from "./third-party-notices.mjs";

await rm("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { reconcile: "src/main.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  // Names are kept, so that stack traces stay readable.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // This build of the parser does not read process.env for every token.
  alias: { yaml: "./node_modules/yaml/browser/index.js" },
  metafile: true,
  legalComments: "none",
  // The CommonJS packages in the bundle (such as ajv's runtime) need these.
  banner: {
    js: [
      'import { createRequire as makeRequire } from "node:module";',
      "const require = makeRequire(import.meta.url), __filename = import.meta.filename;",
    ].join(""),
  },
});
await writeNotices(metafile, "dist/THIRD-PARTY-NOTICES.txt");
