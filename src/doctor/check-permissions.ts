// Checks, without writing, whether this client has the permissions that the manifests' resources need.
import { joinWords } from "../lib/join-words.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import { notChecked, type Finding, type Online, type Observations } from "./check.ts";
import { isAnswered } from "./check-platform.ts";
import { describePermissions, firstAnswer, likelyKinds, offerOf } from "./resources.ts";

export function checkPermissions(seen: Observations): Finding {
  const { kinds, online } = seen;
  const answer = firstAnswer(seen);
  if (!online || !answer) return notChecked("needs a token");
  if (!isAnswered(answer, kinds.all[0])) return notChecked("needs an answer from the API");
  return merge(likelyKinds(seen).map((kind) => judge(kind, online)));
}

interface PermissionFinding extends Omit<Finding, "toDo"> {
  readonly kind: Kind;
  /** The permissions that a sync needs and the token surely lacks. */
  readonly lacking: readonly string[];
  /** How to get the scope that the OAuth client lacks; null if it is not a scope that it lacks. */
  readonly scopeHint: string | null;
}

function judge(kind: Kind, online: Online): PermissionFinding {
  const { fullNouns: nouns, permissions } = kind;
  const about = { kind, details: [], lacking: [], scopeHint: null };
  const answer = online.answers.get(kind);
  const offer = offerOf(answer);
  if (offer === "missing")
    return { ...about, status: "notChecked", seen: `${nouns} are not offered; see resources` };
  if (offer === "unlisted" && answer instanceof ReconcileError) {
    const scopeHint = answer.code === "api/scopeMissing" ? answer.hint : null;
    return {
      ...about,
      scopeHint,
      status: "failed",
      seen: `${nouns} cannot be listed: ${errorText(answer)}`,
    };
  }
  if (offer !== "offered")
    return { ...about, status: "notChecked", seen: `needs an answer about ${nouns}; see resources` };
  const scopes = scopesOf(online, permissions.list);
  if (scopes === null) {
    const untried = "whether this client may write them shows only in a write, which doctor does not try";
    const details = [`a sync needs ${joinWords(permissions.write, "and")}`];
    return { ...about, status: "passed", seen: `${nouns} can be listed; ${untried}`, details };
  }
  const lacking = permissions.write.filter((permission) => !scopes.includes(permission));
  const named = scopes.join(" ");
  if (lacking.length === 0)
    return { ...about, status: "passed", seen: `${nouns} can be listed; scopes ${named}` };
  const are = `${joinWords(lacking, "and")} ${lacking.length === 1 ? "is" : "are"}`;
  const seen = `${nouns} can be listed, but ${are} not among the token's scopes: ${named}`;
  return { ...about, status: "warning", seen, lacking };
}

/**
 * Returns the token's scopes, or null if none of them is about this resource: such a list does not show what the client
 * may do with it.
 */
function scopesOf({ login, token }: Online, permission: string): readonly string[] | null {
  const about = permission.replace(/[^:]*$/, "");
  const named = login instanceof ReconcileError ? null : login.scopes;
  const scopes = named ?? token?.scopes ?? [];
  return scopes.some((scope) => scope.startsWith(about)) ? scopes : null;
}

const worstFirst: readonly Finding["status"][] = ["failed", "warning", "notChecked", "passed"];

/** Makes one finding of all: the worst comes first, and the others follow as its details. */
function merge(verdicts: readonly PermissionFinding[]): Finding {
  const status = worstFirst.find((one) => verdicts.some((verdict) => verdict.status === one)) ?? "passed";
  const sorted = verdicts.toSorted((a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status));
  const [seen = "", ...details] = sorted.flatMap((verdict) => [verdict.seen, ...verdict.details]);
  return { status, seen, details, toDo: adviseOn(verdicts) };
}

function adviseOn(verdicts: readonly PermissionFinding[]): string | null {
  const failures = verdicts.filter(({ status }) => status === "failed");
  const scopeHints = [...new Set(failures.flatMap(({ scopeHint }) => scopeHint ?? []))];
  const unlistable = failures.filter(({ scopeHint }) => scopeHint === null).map(({ kind }) => kind);
  const lacking = verdicts.flatMap((verdict) => verdict.lacking);
  const roleHint =
    `in Admin → Integrations → OAuth give the client a role with ${describePermissions(unlistable, lacking)}; ` +
    "a token from before the change may lack them";
  if (failures.length > 0) return [...scopeHints, ...(unlistable.length > 0 ? [roleHint] : [])].join("; ");
  if (lacking.length === 0) return null;
  const needs = joinWords(lacking, "and");
  return `that is right for a client that only plans; a client that applies also needs ${needs}`;
}
