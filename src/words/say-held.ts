// Makes the sentence that tells why an operation is held back.
import type { Held } from "../model/held.ts";

/** Returns the `error` of an operation that is skipped. */
export function sayHeld(held: Held): string {
  switch (held.by) {
    case "freeze":
      return sayFreeze(held.why);
    case "createOnly":
      return `create-only: ${held.why}`;
    case "flag":
      return "--create-only: left to a sync without it";
    case "invalidManifests":
      return "not every manifest is valid: until then only drift of unchanged groups is put back";
    case "guard":
      return held.hint === null ? held.why : `${held.why}; ${held.hint}`;
    case "conflict":
      return held.why;
    case "earlier":
      return sayWait(held);
    case "stop":
      return `not started: ${held.why}`;
  }
}

/** The sentence for a frozen operation, and for a frozen group as a whole. */
export function sayFreeze(why: string): string {
  return `frozen: ${why}`;
}

function sayWait(held: Extract<Held, { by: "earlier" }>): string {
  switch (held.waitsFor) {
    case "itsGroup":
      return "an earlier operation of the group did not succeed";
    case "allOthers":
      return "not every other operation succeeded";
    case "newPlan":
      return "not started: its group is out of date";
    case "shared":
      return `not started: the resource through which all ${held.nouns} get their events was not written`;
    case "heldGroup":
      return `held back: waits for group "${held.group}", for a prune follows every other operation; --group leaves that one out`;
  }
}
