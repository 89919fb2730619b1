// Kills, in short: `npm run attack -- --family kills` kills a pass at each of its calls, and whole processes, too.
import { kills } from "./kills.ts";
import { proveFamily } from "./prove.ts";

proveFamily(kills);
