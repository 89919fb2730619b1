// Tamperings with the trail, in short: `npm run attack -- --family tamperings` tries each with every command and kind.
import { proveFamily } from "./prove.ts";
import { tamperings } from "./tamperings.ts";

proveFamily(tamperings);
