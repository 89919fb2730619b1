// Finds the branch that is in the way of a new one: Git keeps no branch `a` beside a branch `a/b`.
import { ReconcileError } from "../../model/errors.ts";

/** Rejects with ReconcileError `state/refused` if a branch is in the way of the ref. */
export async function findBlocking(
  ref: string,
  ask: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<void> {
  const parts = ref.split("/");
  // From `refs/heads/x` on.
  const above = parts.slice(3).map((_part, index) => parts.slice(0, index + 3).join("/"));
  const found = await ask([...above, `${ref}/*`]);
  const name = [...found.keys()].find((each) => above.includes(each) || each.startsWith(`${ref}/`));
  if (name === undefined) return;
  const branch = name.slice("refs/heads/".length);
  throw new ReconcileError("state/refused", `the remote's branch ${branch} is in the way of ${ref}`, {
    hint: `name another branch in \`state.git.branch\`, or rename ${branch}: Git keeps no branch beside others below its name`,
  });
}
