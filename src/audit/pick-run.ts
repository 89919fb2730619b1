// A run by the beginning of its id, as people type what `audit log` shows.
import { count } from "../lib/count.ts";
import { ReconcileError } from "../model/errors.ts";

/** More than these nobody compares. */
const maxRunsNamed = 10;

/**
 * The one of the runs that begins so; an id in full is never ambiguous. `path`: of their trail. Throws ReconcileError
 * `audit/unknownRun`, `audit/ambiguousRun`.
 */
export function pickRun(prefix: string, runs: Iterable<string>, path: string): string {
  const found = [...runs].filter((runId) => runId.startsWith(prefix));
  if (found.includes(prefix)) return prefix;
  const [first, ...others] = found;
  if (first === undefined) {
    throw new ReconcileError("audit/unknownRun", `no run in ${path} begins with "${prefix}"`, {
      hint: "`reconcile audit log` shows the runs",
    });
  }
  if (others.length === 0) return first;
  const named = found.slice(0, maxRunsNamed).join(", ");
  const more = found.length > maxRunsNamed ? ` and ${found.length - maxRunsNamed} more` : "";
  throw new ReconcileError("audit/ambiguousRun", `${count(found.length, "run")} begin with "${prefix}"`, {
    hint: `write more of the one that is meant: ${named}${more}`,
  });
}
