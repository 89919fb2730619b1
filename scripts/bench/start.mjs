// Measures what a command costs before a pass begins: its start, and the reading of manifests.
import { join } from "node:path";
import { writeManifests } from "./manifests.mjs";

/** Makes the table's rows. */
export async function measureStart({ command, root, folder, measure }) {
  writeManifests(join(folder, "two"), { groups: 2 });
  writeManifests(join(folder, "thousand"), { groups: 1000 });
  const bare = { args: ["-e", "0"] };
  const validate = (manifests) => ({ args: [command, "validate", manifests] });
  const yaml = join(root, "node_modules/yaml/dist/index.js");
  const parsing = { args: [join(import.meta.dirname, "parse-alone.mjs"), "thousand", yaml] };
  const help = await measure.ratio({ args: [command, "--help"] }, bare);
  const two = await measure.ratio(validate("two"), bare);
  const thousand = await measure.ratio(validate("thousand"), parsing);
  return [
    ["`reconcile --help` / `node -e 0`", help, 2],
    ["`validate` of two manifests / `node -e 0`", two, 2.4],
    ["`validate` of 1,000 manifests / parsing them with `yaml` alone", thousand, 1.2],
  ];
}
