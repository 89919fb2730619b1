// Builds dist/: a small loader, and the program in chunks, so that a command loads only what it needs.
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import "./generate-dashboard.mjs";
import "./generate-validators.mjs";
import { keepCompiled } from "./build/keep-compiled.mjs";
import { convertToCommonJs } from "./build/to-commonjs.mjs";
import { writeNotices } from "./third-party-notices.mjs";

/** got needs it for HTTP/2 only, which no request asks for; while it loads, it makes a TLS context. */
const withoutHttp2 = {
  name: "without-http2",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^http2-wrapper$/ }, () => ({ path: "http2-wrapper", namespace: "without-http2" }));
    onLoad({ filter: /.*/, namespace: "without-http2" }, () => ({ contents: "export default {};" }));
  },
};

/** got checks its options with `is`, which makes two list formats while it loads: ICU takes 25 ms to begin with them. */
const withLateListFormats = {
  name: "with-late-list-formats",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]@sindresorhus[\\/]is[\\/].*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return {
        contents: source.replace(
          /new Intl\.ListFormat\([^)]*\)/g,
          "{ format: (items) => $&.format(items) }",
        ),
      };
    });
  },
};

await rm("dist", { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { main: "src/main.ts" },
  outdir: "dist/chunks",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  // Names are kept, so that stack traces stay readable.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: "node",
  // Without the condition "module", which breaks circles of modules in AWS's SDK.
  conditions: [],
  format: "esm",
  target: "node20",
  // This build of the parser does not read process.env for every token.
  alias: { yaml: "./node_modules/yaml/browser/index.js" },
  plugins: [withoutHttp2, withLateListFormats],
  metafile: true,
  legalComments: "none",
});
for (const file of Object.keys(metafile.outputs)) convertToCommonJs(file);
await writeFile("dist/package.json", '{ "type": "commonjs" }\n');
await cp("scripts/build/loader.cjs", "dist/reconcile.js");
await keepCompiled("dist/reconcile.js");
await writeNotices(metafile, "dist/THIRD-PARTY-NOTICES.txt");
