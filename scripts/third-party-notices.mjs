// Collects the licences of everything in the bundle, as the licences' terms require.
import { readdir, readFile, writeFile } from "node:fs/promises";

/** `metafile` is esbuild's list of the files in the bundle. */
export async function writeNotices(metafile, path) {
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap(
      (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [],
    ),
  );
  const notices = await Promise.all([...folders].sort().map(readNotice));
  await writeFile(path, notices.join(`\n${"-".repeat(80)}\n\n`));
}

async function readNotice(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `Licence: ${license}\n` : await readFile(`${folder}/${file}`, "utf8");
  return `${name} ${version}\n\n${text}`;
}
