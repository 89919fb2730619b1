// Hostile files and variables, in short: `npm run attack -- --family settings` plants each for every kind of resource.
import { proveFamily } from "./prove.ts";
import { settings } from "./settings.ts";

proveFamily(settings);
