// Writes the workflows that lie ready to copy: the same that `init` writes, for an owner called default.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createJiti } from "jiti";

const { makeReadyToCopy } = await createJiti(import.meta.url).import("../src/cli/workflows.ts");

const { version } = JSON.parse(await readFile("package.json", "utf8"));
for (const [path, text] of Object.entries(makeReadyToCopy(version))) {
  await mkdir(path.replace(/[^/]*$/, ""), { recursive: true });
  await writeFile(path, text);
}
