// Makes one self-contained page from the dashboard's parts, with the hashes for its content security policy.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build, transform } from "esbuild";

const folder = new URL("../src/daemon/dashboard/", import.meta.url);
const { outputFiles } = await build({
  entryPoints: [new URL("main.ts", folder).pathname],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  write: false,
  legalComments: "none",
});
const script = outputFiles[0].text.trim();
if (script.includes("</script")) throw new Error("the script would end itself");
const style = (
  await transform(await readFile(new URL("style.css", folder), "utf8"), { loader: "css", minify: true })
).code.trim();
const html = (await readFile(new URL("page.html", folder), "utf8"))
  .replace("/* style */", () => style)
  .replace("/* script */", () => script);
const hashOf = (text) => createHash("sha256").update(text).digest("base64");
const page = { html, scriptHash: hashOf(script), styleHash: hashOf(style) };
await mkdir(new URL("generated/", folder), { recursive: true });
await writeFile(
  new URL("generated/page.js", folder),
  `export const dashboard = ${JSON.stringify(page, null, 2)};\n`,
);
