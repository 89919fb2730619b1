// Why an operation is held back, as data; src/words/ makes the sentences.

export type Held =
  /** The team froze its group, or lets it only create for now; `why` is what they wrote. */
  | { readonly by: "freeze" | "createOnly"; readonly why: string }
  /** The pass only creates: `--create-only`. */
  | { readonly by: "flag" }
  /** Not every manifest is valid, and it does more than put back what someone else changed or deleted. */
  | { readonly by: "invalidManifests" }
  /** A guard refused it; `hint` names the flag that lets it go on, if there is one. */
  | { readonly by: "guard"; readonly why: string; readonly hint: string | null }
  /** Something live stands in the way of its group. */
  | { readonly by: "conflict"; readonly why: string }
  /** The operations that it waits for did not succeed. */
  | { readonly by: "earlier"; readonly waitsFor: "itsGroup" | "allOthers" | "newPlan" }
  /** A prune waits for a group that is held back. */
  | { readonly by: "earlier"; readonly waitsFor: "heldGroup"; readonly group: string }
  /** The resource through which the group's resources, `nouns`, get their events was not written. */
  | { readonly by: "earlier"; readonly waitsFor: "shared"; readonly nouns: string }
  /** The run ended before its turn. */
  | { readonly by: "stop"; readonly why: string };

/** True if the team asked for this, so that it is not a failure. */
export function isWanted(held: Held): boolean {
  return (
    held.by === "freeze" ||
    held.by === "createOnly" ||
    held.by === "flag" ||
    held.by === "invalidManifests" ||
    (held.by === "earlier" && held.waitsFor === "heldGroup")
  );
}
