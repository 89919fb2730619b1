// Turns the ES modules that esbuild split the program into into CommonJS, which it does not split itself.
import { readFileSync, writeFileSync } from "node:fs";
import { transformSync } from "esbuild";

/** Rewrites the file in its place. */
export function convertToCommonJs(file) {
  const text = readFileSync(file, "utf8");
  const at = text.lastIndexOf("export{");
  const [, names] = /^export\{([^{}]*)\};\s*$/.exec(text.slice(at)) ?? [];
  if (at >= 0 && names === undefined) throw new Error(`${file}: what it exports is not at its end`);
  const { code } = transformSync(at < 0 ? text : `${text.slice(0, at)}${exportsOf(names)}`, {
    format: "cjs",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    minifySyntax: true,
    // `import()` would load the file by Node's loader of ES modules.
    supported: { "dynamic-import": false },
  });
  writeFileSync(file, code);
}

/** esbuild would make a getter of each name, and each use would call it. No chunk changes what it exports later. */
function exportsOf(names) {
  const entries = names
    .split(",")
    .filter((name) => name !== "")
    .map((name) => name.split(" as "))
    .map(([local, exported = local]) => `${exported}:${local}`);
  return `module.exports={__esModule:true,${entries.join(",")}};\n`;
}
