// Chained records that make no sense, in short: `npm run attack -- --family nonsense` tries every value and command.
import { nonsense } from "./nonsense.ts";
import { proveFamily } from "./prove.ts";

proveFamily(nonsense);
