// All families of attacks, for `npm run attack`.
import type { Family } from "./family.ts";
import { lies } from "./lies.ts";

/** @public `npm run attack` reads it. */
export const families: readonly Family[] = [lies];
