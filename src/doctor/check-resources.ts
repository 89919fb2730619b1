// Which of the resources that deliver events this organisation offers, and whether the manifests keep to them.
import { joinWords } from "../lib/join-words.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import {
  failed,
  notChecked,
  passed,
  warned,
  type Answer,
  type Finding,
  type Online,
  type Seen,
} from "./check.ts";
import { isAnswered } from "./check-platform.ts";
import { namedResources, offerOf, resources, type Offer, type Resource } from "./resources.ts";

export function checkResources({ online, manifests }: Seen): Finding {
  const answer = online?.webhooks;
  if (!online || !answer) return notChecked("it takes a token first");
  if (!isAnswered(answer)) return notChecked("it takes an answer of the API first");
  const are = (...wanted: readonly Offer[]): readonly Resource[] =>
    resources.filter(({ key }) => wanted.includes(offerOf(online[key])));
  const details = resources.map((one) => `${one.nouns} (${one.path}): ${describe(one, online[one.key])}`);
  const [there, missing, unknown] = [are("offered", "hidden"), are("missing"), are("unknown")];
  if (missing.length === resources.length)
    return failed("this organisation offers nothing that delivers events", askGenesys, details);
  const named = namedResources({ manifests });
  const lacking = (named ?? []).filter((one) => missing.includes(one));
  if (lacking.length > 0) {
    const says = `this organisation does not offer ${nounsOf(lacking)}, which the manifests name`;
    return failed(`${says}: ${pathsOf(lacking)}`, adviseOther(lacking, there), details);
  }
  const open = (named ?? []).filter((one) => unknown.includes(one));
  if (open.length > 0) {
    const says = `whether ${nounsOf(open)} are offered, which the manifests name, is not known`;
    return warned(says, askAgain, details);
  }
  if (named === null && offerOf(answer) === "missing") {
    const webhooks = missing.filter(({ key }) => key === "webhooks");
    const others = there.length === 0 ? "" : `; it offers ${nounsOf(there)}`;
    const says = `this organisation has no webhooks: ${pathsOf(webhooks)}${others}`;
    return warned(says, adviseOther(webhooks, there), details);
  }
  return passed(describeThere(named ?? there, online), details);
}

/** What may not be listed is there, too; why not is said beside it. */
function describeThere(some: readonly Resource[], online: Online): string {
  const hidden = some.filter(({ key }) => offerOf(online[key]) === "hidden");
  const open = some.filter((one) => !hidden.includes(one));
  const isForbidden = hidden.every(({ key }) => codeOf(online[key]) === "api/forbidden");
  return [
    ...(open.length > 0 ? [`${nounsOf(open)} are offered`] : []),
    ...(hidden.length > 0
      ? [`${nounsOf(hidden)} are there, but not to be seen (${isForbidden ? 403 : 401})`]
      : []),
  ].join("; ");
}

const askGenesys =
  "make sure that the region is this organisation's, and ask Genesys Cloud which of the resources above it can have";
const askAgain = "run doctor again later; status.mypurecloud.com shows outages";

/** `there`: what may be written in place of what is missing. */
function adviseOther(missing: readonly Resource[], there: readonly Resource[]): string {
  const isUnpublished = missing.some(({ key }) => key === "webhooks");
  const ask = isUnpublished
    ? "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether they can be had"
    : "ask Genesys Cloud whether they can be had";
  const [first, ...others] = there.map(({ scheme }) => scheme.slice(0, -1));
  if (first === undefined) return `${ask}, and run doctor again for the others`;
  const endpoints = joinWords(
    there.map(({ endpoint }) => endpoint),
    "or",
  );
  const or = others.length === 0 ? "" : ` (or ${joinWords(others, "or")})`;
  const init = `reconcile init --scheme ${first}${or} writes such a manifest where there is none yet`;
  return `${ask}, or write endpoints of what is offered: ${endpoints}; ${init}`;
}

function nounsOf(some: readonly Resource[]): string {
  return joinWords(
    some.map(({ nouns }) => nouns),
    "and",
  );
}

/** `/api/v2/webhooks answers 404`. */
function pathsOf(missing: readonly Resource[]): string {
  const paths = missing.map(({ path }) => path);
  return `${joinWords(paths, "and")} ${paths.length === 1 ? "answers" : "answer"} 404`;
}

function codeOf(answer: Answer | null): string | null {
  return answer instanceof ReconcileError ? answer.code : null;
}

function describe({ permissions }: Resource, answer: Answer | null): string {
  if (answer === null) return "not asked";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "not offered (404)";
  if (answer.code === "api/forbidden")
    return `there, but not to be seen without the permission ${permissions.list} (403)`;
  return `not known: ${errorText(answer)}`;
}
