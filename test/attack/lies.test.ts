// The lies of the platform, in short: `npm run attack -- --family lies` tells them of every kind and at each request.
import { lies } from "./lies.ts";
import { proveFamily } from "./prove.ts";

proveFamily(lies);
