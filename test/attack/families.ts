// All families of attacks, for `npm run attack`.
import { clocks } from "./clocks.ts";
import { diskFaults } from "./disk-faults.ts";
import type { Family } from "./family.ts";
import { gitAddresses } from "./git-addresses.ts";
import { kills } from "./kills.ts";
import { lies } from "./lies.ts";
import { nonsense } from "./nonsense.ts";
import { settings } from "./settings.ts";
import { tamperings } from "./tamperings.ts";

/** @public `npm run attack` reads it. */
export const families: readonly Family[] = [
  lies,
  tamperings,
  nonsense,
  diskFaults,
  kills,
  clocks,
  settings,
  gitAddresses,
];
