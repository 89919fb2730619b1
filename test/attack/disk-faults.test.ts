// Faults of the disk, in short: `npm run attack -- --family disk-faults` lets each call of a pass fail, of every kind.
import { diskFaults } from "./disk-faults.ts";
import { proveFamily } from "./prove.ts";

proveFamily(diskFaults);
