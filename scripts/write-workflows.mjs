// Writes the ready-to-copy workflows: those that `init` writes for an owner called "default".
import { mkdir, writeFile } from "node:fs/promises";
import { createJiti } from "jiti";

const { makeReadyToCopy } = await createJiti(import.meta.url).import("../src/init/workflows.ts");

for (const [path, text] of Object.entries(makeReadyToCopy())) {
  await mkdir(path.replace(/[^/]*$/, ""), { recursive: true });
  await writeFile(path, text);
}
