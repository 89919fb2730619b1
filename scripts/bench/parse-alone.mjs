// Reads and parses each file of a folder with `yaml`, and does nothing else.
import { readdirSync, readFileSync } from "node:fs";

const [folder, yaml] = process.argv.slice(2);
const { parse } = await import(yaml);
for (const file of readdirSync(folder)) parse(readFileSync(`${folder}/${file}`, "utf8"));
