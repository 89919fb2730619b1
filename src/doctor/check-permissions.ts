// Whether this client may do with the resources what the manifests take, as far as that shows without a write.
import { joinWords } from "../lib/join-words.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import { notChecked, type Finding, type Online, type Seen } from "./check.ts";
import { isAnswered } from "./check-platform.ts";
import { describePermissions, likelyResources, offerOf, type Resource } from "./resources.ts";

export function checkPermissions(seen: Seen): Finding {
  const { online } = seen;
  if (!online?.webhooks) return notChecked("it takes a token first");
  if (!isAnswered(online.webhooks)) return notChecked("it takes an answer of the API first");
  return merge(likelyResources(seen).map((resource) => judge(resource, online)));
}

interface Verdict extends Omit<Finding, "toDo"> {
  readonly resource: Resource;
  /** Of what a sync takes, what is known to be missing. */
  readonly lacking: readonly string[];
}

function judge(resource: Resource, online: Online): Verdict {
  const { nouns, permissions } = resource;
  const about = { resource, details: [], lacking: [] };
  const answer = online[resource.key];
  const offer = offerOf(answer);
  if (offer === "missing")
    return { ...about, status: "notChecked", seen: `${nouns} are not offered, see resources` };
  if (offer === "hidden" && answer instanceof ReconcileError)
    return { ...about, status: "failed", seen: `${nouns} cannot be listed: ${errorText(answer)}` };
  if (offer !== "offered")
    return { ...about, status: "notChecked", seen: `it takes an answer about ${nouns}, see resources` };
  const scopes = scopesOf(online, permissions.list);
  if (scopes === null) {
    const unsaid = "whether they may be written is not said before a write, and none is tried here";
    const details = [`a sync takes ${joinWords(permissions.write, "and")}`];
    return { ...about, status: "passed", seen: `${nouns} can be listed; ${unsaid}`, details };
  }
  const lacking = permissions.write.filter((permission) => !scopes.includes(permission));
  const named = scopes.join(" ");
  if (lacking.length === 0)
    return { ...about, status: "passed", seen: `${nouns} can be listed; scopes ${named}` };
  const are = `${joinWords(lacking, "and")} ${lacking.length === 1 ? "is" : "are"}`;
  const says = `${nouns} can be listed, and ${are} not among the token's scopes: ${named}`;
  return { ...about, status: "warning", seen: says, lacking };
}

/** Only a list that speaks of a resource tells what may be done with it. */
function scopesOf({ login, token }: Online, permission: string): readonly string[] | null {
  const about = permission.replace(/[^:]*$/, "");
  const named = login instanceof ReconcileError ? null : login.scopes;
  const scopes = named ?? token?.scopes ?? [];
  return scopes.some((scope) => scope.startsWith(about)) ? scopes : null;
}

const worstFirst: readonly Finding["status"][] = ["failed", "warning", "notChecked", "passed"];

/** The worst one is what is said first; the others follow it as details. */
function merge(verdicts: readonly Verdict[]): Finding {
  const status = worstFirst.find((one) => verdicts.some((verdict) => verdict.status === one)) ?? "passed";
  const sorted = verdicts.toSorted((a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status));
  const [seen = "", ...details] = sorted.flatMap((verdict) => [verdict.seen, ...verdict.details]);
  return { status, seen, details, toDo: adviseOn(verdicts) };
}

function adviseOn(verdicts: readonly Verdict[]): string | null {
  const shut = verdicts.filter(({ status }) => status === "failed").map(({ resource }) => resource);
  const lacking = verdicts.flatMap((verdict) => verdict.lacking);
  if (shut.length > 0) {
    return (
      `in Admin → Integrations → OAuth give the client a role with ${describePermissions(shut, lacking)}; ` +
      "a change of roles counts from the next token on"
    );
  }
  if (lacking.length === 0) return null;
  const needs = joinWords(lacking, "and");
  return `for a client that only plans that is right; one that applies needs ${needs}, too`;
}
