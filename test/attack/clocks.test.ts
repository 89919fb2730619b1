// Clocks, in short: `npm run attack -- --family clocks` tries each with every kind of resource.
import { clocks } from "./clocks.ts";
import { proveFamily } from "./prove.ts";

proveFamily(clocks);
