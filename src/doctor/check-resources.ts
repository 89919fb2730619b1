// Checks which kinds of resources this organisation offers, and that the manifests name no other.
import { joinWords } from "../lib/join-words.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import {
  failed,
  notChecked,
  passed,
  warned,
  type AnswerOrError,
  type Finding,
  type Online,
  type Observations,
} from "./check.ts";
import { isAnswered } from "./check-platform.ts";
import { firstAnswer, namedKinds, offerOf, platformKinds, type Offer } from "./resources.ts";

export function checkResources(seen: Observations): Finding {
  const { kinds, online } = seen;
  const all = platformKinds(kinds);
  const [first] = all;
  const answer = firstAnswer(seen);
  if (!online || !answer) return notChecked("needs a token");
  if (!isAnswered(answer, first)) return notChecked("needs an answer from the API");
  const are = (...wanted: readonly Offer[]): readonly Kind[] =>
    all.filter((kind) => wanted.includes(offerIn(online, kind)));
  const details = all.map((kind) => `${kind.fullNouns} (${kind.path}): ${describeKind(kind, online)}`);
  const [there, missing, unknown] = [are("offered", "unlisted"), are("missing"), are("unknown")];
  if (missing.length === all.length)
    return failed("this organisation offers nothing that delivers events", askGenesys, details);
  const named = namedKinds(seen);
  const lacking = (named ?? []).filter((one) => missing.includes(one));
  if (lacking.length > 0) {
    const found = `this organisation does not offer ${nounsOf(lacking)}, which the manifests name`;
    return failed(`${found}: ${pathsOf(lacking, online)}`, adviseOther(lacking, there), details);
  }
  const open = (named ?? []).filter((one) => unknown.includes(one));
  if (open.length > 0) {
    const found = `it is not known whether ${nounsOf(open)}, which the manifests name, are offered`;
    return warned(found, askAgain, details);
  }
  if (named === null && offerOf(answer) === "missing") {
    const others = there.length === 0 ? "" : `; it offers ${nounsOf(there)}`;
    const found = `this organisation does not offer ${nounsOf([first])}: ${pathsOf([first], online)}${others}`;
    return warned(found, adviseOther([first], there), details);
  }
  return passed(describeThere(named ?? there, online), details);
}

/** A resource that this client may not list is offered all the same; the text adds the status that refused it. */
function describeThere(some: readonly Kind[], online: Online): string {
  const unlisted = some.filter((kind) => offerOf(online.answers.get(kind)) === "unlisted");
  const open = some.filter((one) => !unlisted.includes(one));
  const isForbidden = unlisted.every((kind) => codeOf(online.answers.get(kind)) !== "api/unauthorized");
  return [
    ...(open.length > 0 ? [`${nounsOf(open)} are offered`] : []),
    ...(unlisted.length > 0
      ? [`${nounsOf(unlisted)} are offered, but this client may not list them (${isForbidden ? 403 : 401})`]
      : []),
  ].join("; ");
}

const askGenesys =
  "check that the region is your organisation's, and ask Genesys Cloud which of the resources above it can have";
const askAgain = "run doctor again later; status.mypurecloud.com shows outages";

/** `offered`: the resources whose endpoints the manifests could name in place of the missing ones. */
function adviseOther(missing: readonly Kind[], offered: readonly Kind[]): string {
  const unpublished = missing.filter(({ isInSdk }) => !isInSdk);
  const ask =
    unpublished.length > 0
      ? `${nounsOf(unpublished)} are not in the SDK that Genesys publishes: ask Genesys Cloud whether your organisation can get them`
      : "ask Genesys Cloud whether your organisation can get them";
  const [first, ...others] = offered.map(({ scheme }) => scheme.slice(0, -1));
  if (first === undefined) return `${ask}, and run doctor again to learn about the other resources`;
  const endpoints = joinWords(
    offered.map(({ endpoint }) => endpoint.short),
    "or",
  );
  const or = others.length === 0 ? "" : ` (or ${joinWords(others, "or")})`;
  const init = `reconcile init --scheme ${first}${or} writes such a manifest in a repository that has none`;
  return `${ask}, or use endpoints that are offered: ${endpoints}; ${init}`;
}

function nounsOf(some: readonly Kind[]): string {
  return joinWords(
    some.map(({ fullNouns }) => fullNouns),
    "and",
  );
}

/** `/api/v2/webhooks answers 404`. */
function pathsOf(missing: readonly Kind[], online: Online): string {
  const paths = missing.map((kind) =>
    isTypeMissing(kind, online) && kind.cap ? kind.cap.path : kind.path,
  );
  return `${joinWords(paths, "and")} ${paths.length === 1 ? "answers" : "answer"} 404`;
}

/** An organisation may have the list and not the type of resource that the product makes there. */
function isTypeMissing(kind: Kind, { answers, caps }: Online): boolean {
  return isThere(answers.get(kind)) && offerOf(caps.get(kind)) === "missing";
}

function isThere(answer: AnswerOrError | undefined): boolean {
  return ["offered", "unlisted"].includes(offerOf(answer));
}

function offerIn(online: Online, kind: Kind): Offer {
  return isTypeMissing(kind, online) ? "missing" : offerOf(online.answers.get(kind));
}

function describeKind(kind: Kind, online: Online): string {
  const { cap } = kind;
  const listed = describeAnswer(kind, online.answers.get(kind));
  const answer = online.caps.get(kind);
  if (!cap || answer === undefined || !isThere(online.answers.get(kind))) return listed;
  if (isTypeMissing(kind, online)) return `not offered: ${cap.path} answers 404`;
  if (answer instanceof ReconcileError)
    return `${listed}; how many the organisation can have is not known: ${errorText(answer)}`;
  const max = cap.findMax(answer.body);
  return `${listed}; ${max === null ? "the platform does not state how many the organisation can have" : `the organisation can have ${max}`}`;
}

function codeOf(answer: AnswerOrError | undefined): string | null {
  return answer instanceof ReconcileError ? answer.code : null;
}

function describeAnswer({ permissions }: Kind, answer: AnswerOrError | undefined): string {
  if (answer === undefined) return "not asked";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "not offered (404)";
  if (answer.code === "api/forbidden")
    return `offered, but listing them needs the permission ${permissions.list} (403)`;
  if (answer.code === "api/scopeMissing")
    return "offered, but listing them needs a scope that the OAuth client does not have (403)";
  return `not known: ${errorText(answer)}`;
}
