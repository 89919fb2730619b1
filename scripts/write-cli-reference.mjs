// Writes docs/cli.md from the program's own flags and help.
import { writeFile } from "node:fs/promises";
import { createJiti } from "jiti";

const jiti = createJiti(import.meta.url);
const { makeProgram } = await jiti.import("../src/cli/program.ts");
const { makeWorld } = await jiti.import("../test/support/world.ts");
const { makeCliReference } = await jiti.import("./cli-reference.ts");

const program = makeProgram(makeWorld({ argv: "" }), () => undefined);
await writeFile("docs/cli.md", await makeCliReference(program));
