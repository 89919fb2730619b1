// Judges the remote of the Git store: whether it is the repository of the code, and whether anybody can read it.
import type { Config, StateConfig } from "../model/config.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import { allOperations, isPlanned, type Plan } from "../model/plan.ts";
import { sayQuery } from "../manifest/rules/query-strings.ts";
import { publicRemote } from "../state/git/public-remote.ts";
import type { StateRemote } from "../state/state-remote.ts";

interface RemoteWorld {
  readonly stateRemote: StateRemote;
}

/** Whether endpoints with query strings are refused, because whoever can read the code could read the trail. */
export async function findQueryRefusal(
  { store, git }: StateConfig,
  { stateRemote }: RemoteWorld,
): Promise<boolean> {
  return store === "git" && (await stateRemote.leadsToOrigin(git.remote));
}

/** The error of a config whose state would be kept where anybody can read it. */
export async function checkRemote(
  { state, places }: Config,
  { stateRemote }: RemoteWorld,
): Promise<readonly Diagnostic[]> {
  if (state.store !== "git") return [];
  const address = await stateRemote.askWithoutLogin(state.git.remote);
  if (address === null) return [];
  return [{ ...diagnosticOf(publicRemote(address)), ...(places["state"] ?? nowhere) }];
}

/** The error of a plan that would put query strings into such a trail; null if it may. */
export function refuseQueries(plan: Plan, refusesQueries = false): ReconcileError | null {
  if (!refusesQueries) return null;
  const urls = allOperations(plan)
    .filter(isPlanned)
    .flatMap(({ endpoint, before }) => [endpoint, before?.endpoint ?? ""])
    .filter((url) => url.includes("?"));
  const [first] = urls;
  if (first === undefined) return null;
  const { message, hint } = sayQuery(first);
  return new ReconcileError("state/queryInRepository", message, { hint });
}
