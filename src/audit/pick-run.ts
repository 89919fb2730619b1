// Finds a run by the beginning of its id, which people copy from `audit log`.
import { count } from "../lib/count.ts";
import { ReconcileError } from "../model/errors.ts";

/** A longer list of runs is hard to compare. */
const maxRunsNamed = 10;

/**
 * Returns the only run whose id begins with the prefix; a full id is never ambiguous. `path` is the trail's, for messages.
 * Throws ReconcileError `audit/unknownRun`, `audit/ambiguousRun`.
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
    hint: `write more characters of the run's id: ${named}${more}`,
  });
}
