// Writes the published schemas of reconcile's own output, from src/model/schema/.
import { writeFile } from "node:fs/promises";
import { createJiti } from "jiti";

const { makePublishedSchemas } = await createJiti(import.meta.url).import("./published-schemas.ts");
for (const [name, text] of await makePublishedSchemas()) await writeFile(`schemas/${name}`, text);
