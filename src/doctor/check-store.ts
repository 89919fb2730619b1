// Checks the place where the state is kept: whether passes can use it, who holds it, and what protects its trail.
import type { StoreChecks } from "../app/store-checks.ts";
import { errorText, type ReconcileError } from "../model/errors.ts";
import type { FoundGit } from "../state/git/check-git.ts";
import { publicRemote } from "../state/git/public-remote.ts";
import type { FoundPostgres } from "../state/postgres/check-postgres.ts";
import { describeHolder } from "../state/describe-holder.ts";
import { wasMoved } from "../state/was-moved.ts";
import {
  failed,
  notChecked,
  passed,
  warned,
  type Finding,
  type Observations,
  type StoreLook,
} from "./check.ts";

export function checkStore({ isSandbox, store }: Observations): Finding {
  if (!store) return notChecked("needs a valid config");
  const judged = store.checks && store.name !== null ? judge(store.checks, store.name) : null;
  if (judged?.status === "failed") return judged;
  const refused = store.fault ?? store.checks?.fault ?? findMove(store);
  if (refused) return refusal(refused);
  if (!judged)
    return passed(
      `${isSandbox ? "the sandbox keeps its state" : "the state is"} in files; ${sayHolder(store)} the lock`,
    );
  const details = store.lease ? [`${sayHolder(store)} the lease`] : [];
  return { ...judged, details: [...judged.details, ...details] };
}

function findMove({ name, lease }: StoreLook): ReconcileError | null {
  const movedTo = lease?.movedTo ?? null;
  return movedTo && wasMoved(name === null ? "the trail" : `the trail in ${name}`, movedTo);
}

function sayHolder({ lease }: StoreLook): string {
  return lease?.holder ? `${describeHolder(lease.holder)} holds` : "no run holds";
}

function refusal(error: ReconcileError): Finding {
  return failed(errorText(error), error.hint ?? "docs/state.md says what each store needs");
}

function judge(checks: StoreChecks, name: string): Finding {
  if (checks.store === "git") return checks.found ? judgeGit(checks.found, name) : unanswered(name);
  return checks.found ? judgePostgres(checks.found, name) : unanswered(name);
}

function unanswered(name: string): Finding {
  return notChecked(`needs an answer of ${name}`);
}

const onlyReads = "that is right for commands that only read";

function judgeGit({ publicAddress, refusedPush, refusesRewrites }: FoundGit, name: string): Finding {
  if (publicAddress !== null) return refusal(publicRemote(publicAddress));
  if (refusedPush)
    return warned(
      `${name}: it can be read, but this login may not push: ${refusedPush.message}`,
      `${onlyReads}; for passes that write: ${refusedPush.hint ?? "give this login the right to push"}`,
    );
  const seen = `${name}: it can be read and pushed to, and did not answer without a login`;
  if (refusesRewrites === false)
    return warned(
      `${seen}; nothing keeps whoever can push from rewriting the trail`,
      "in that repository run `git config receive.denyNonFastForwards true` and `git config receive.denyDeletes true`",
    );
  const rule =
    refusesRewrites === true
      ? "it refuses to rewrite and to delete branches"
      : "whether it refuses to rewrite the trail cannot be told from here: docs/state.md has the rule for it";
  return passed(seen, [rule]);
}

function judgePostgres(found: FoundPostgres, name: string): Finding {
  const { server, user, version, isEncrypted } = found;
  const tls = `the connection has ${isEncrypted ? "" : "no "}TLS`;
  const unusable = findUnusable(found, name);
  if (unusable) return unusable;
  if (found.isReadOnly)
    return warned(
      `${name}: it can be read, but takes no writes, as a standby server`,
      `${onlyReads}; for passes that write, let RECONCILE_DATABASE_URL name the primary server`,
      [tls],
    );
  if (!found.mayAppend)
    return warned(
      `${name}: the role ${user} may read, and not append`,
      `${onlyReads}; for passes that write, the tables' owner runs \`reconcile state init --grant ${user}\``,
      [tls],
    );
  const seen = `${name}: the role ${user} may read and append`;
  const tables = `PostgreSQL ${server}, tables of version ${version}`;
  if (found.isOwner)
    return warned(
      `${seen}; it owns the tables, so only the trigger protects the trail`,
      "let passes log in as a role that `reconcile state init --grant ROLE` was run for",
      [tables, tls],
    );
  return passed(seen, [tables, tls]);
}

/** What keeps every pass from its work; null if nothing does. */
function findUnusable(found: FoundPostgres, name: string): Finding | null {
  const { server, user, version, expectedVersion } = found;
  if (!found.isServerSupported)
    return failed(`${name}: the server is PostgreSQL ${server}`, "use PostgreSQL 13 or newer");
  if (version > expectedVersion)
    return failed(
      `${name}: the tables are of version ${version}, and this reconcile knows up to ${expectedVersion}`,
      "update reconcile on this machine",
    );
  if (version === 0)
    return failed(
      `${name}: there are no tables of reconcile that the role ${user} may read`,
      `as the owner of the schema run \`reconcile state init --grant ${user}\``,
    );
  if (version < expectedVersion)
    return failed(
      `${name}: the tables are of version ${version}, and this reconcile needs ${expectedVersion}`,
      "as the owner of the schema run `reconcile state init`",
    );
  return null;
}
