// Why an operation is left undone, as data; src/words/ makes the sentences.

export type Held =
  /** The team froze its group, or lets it only create for now; `why` is what they wrote. */
  | { readonly by: "freeze" | "createOnly"; readonly why: string }
  /** The pass only creates: `--create-only`. */
  | { readonly by: "flag" }
  /** A refusal that has a flag to go on with, or none; `hint` says which. */
  | { readonly by: "guard"; readonly why: string; readonly hint: string | null }
  /** Something live stands in the way of its group. */
  | { readonly by: "conflict"; readonly why: string }
  /** What it waits for did not come about. */
  | { readonly by: "earlier"; readonly waitsFor: "itsGroup" | "allOthers" | "newPlan" }
  /** A prune waits for a group that is held back. */
  | { readonly by: "earlier"; readonly waitsFor: "heldGroup"; readonly group: string }
  /** The run ended before its turn. */
  | { readonly by: "stop"; readonly why: string };

/** Whether the team wants it so: then it is no failure. */
export function isWanted(held: Held): boolean {
  return (
    held.by === "freeze" ||
    held.by === "createOnly" ||
    held.by === "flag" ||
    (held.by === "earlier" && held.waitsFor === "heldGroup")
  );
}
