// Checks that the login and the API answer, this machine's clock, and how much of the rate limit is used.
import { parsePage, type Collection } from "../genesys/list-pages.ts";
import { rowOf } from "../model/error-class.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import {
  failed,
  notChecked,
  passed,
  warned,
  type AnswerOrError,
  type Finding,
  type Observations,
} from "./check.ts";
import { findNetworkFault } from "./network-fault.ts";
import { firstAnswer } from "./resources.ts";

/** With more skew, the times in the trail no longer show which of two machines wrote first. */
const mostSkewMs = 60_000;
/** From this share on, other programs or runs may use up the limit. */
const busyPercent = 80;

export function checkToken(seen: Observations): Finding {
  const { online, platform } = seen;
  if (!online || !platform?.ok) return notChecked("needs a region and credentials");
  const { login, token } = online;
  const { host } = new URL(platform.value.tokenUrl);
  if (!(login instanceof ReconcileError)) {
    const life = login.lifeSeconds === null ? "" : `, valid for ${describeLife(login.lifeSeconds)}`;
    const whose = token?.organisation ? ` for the organisation ${token.organisation}` : "";
    return passed(`issued by ${host}${whose}${life}`);
  }
  const fault = findNetworkFault(login);
  if (fault) return failed(`no answer from ${host}: ${fault.words}`, fault.toDo);
  const toDo = login.hint ?? "check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET";
  return failed(errorText(login), login.code === "auth/invalidClient" ? otherRegion(host) : toDo);
}

function otherRegion(host: string): string {
  return (
    "copy the id and the secret from Admin → Integrations → OAuth again; a client of another region gets the same " +
    `refusal, so check that ${host} is the region where you log in to Genesys Cloud (set environment in the config, ` +
    "or GENESYS_ENVIRONMENT)"
  );
}

export function checkApi(seen: Observations): Finding {
  const { kinds, platform } = seen;
  const answer = firstAnswer(seen);
  if (!answer || !platform?.ok) return notChecked(needsToken);
  const { host } = new URL(platform.value.apiUrl);
  if (!(answer instanceof ReconcileError)) {
    const page = parsePage(answer.body, collectionOf(kinds.all[0]));
    if (page.ok) return passed(`${host} answers`);
    return failed(
      `${host} answers, but not as the platform does: expected ${page.expected}`,
      notThePlatform,
    );
  }
  if (isAnswered(answer, kinds.all[0])) return passed(`${host} answers`);
  const fault = findNetworkFault(answer);
  if (fault) return failed(`no answer from ${host}: ${fault.words}`, fault.toDo);
  return failed(errorText(answer), answer.hint ?? notThePlatform);
}

const needsToken = "needs a token";
const notThePlatform =
  "check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or login portal answers in place of the platform";

/**
 * True if the platform itself answered, be it with a refusal of this request, and not a proxy or a portal in its place.
 */
export function isAnswered(answer: AnswerOrError, kind: Kind): boolean {
  if (!(answer instanceof ReconcileError)) return parsePage(answer.body, collectionOf(kind)).ok;
  // Nothing that this machine asks is answered, whatever the request.
  if (answer.code === "api/addressRefused") return false;
  return answer.code === "api/notFound" || rowOf(answer.code).isAccessRefused;
}

/** Only the page shows the platform: what stands in it may be of somebody else, in a form that no pass can read. */
function collectionOf(kind: Kind): Collection<null> {
  const { path, nouns } = kind;
  return { kind, path, nouns, parse: () => ({ ok: true, value: null }) };
}

export function checkClock({ online }: Observations): Finding {
  if (!online) return notChecked("needs an answer from the platform");
  const { aheadMs } = online;
  if (aheadMs === null) return notChecked("no answer from the platform had a date");
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= mostSkewMs)
    return passed(seconds <= 2 ? "agrees with the platform's" : `within ${seconds} s of the platform's`);
  const side = aheadMs > 0 ? "ahead of" : "behind";
  return warned(
    `this machine's clock is ${describeLife(seconds)} ${side} the platform's`,
    "set the clock over the network (NTP): the audit trail records this machine's time",
  );
}

export function checkRateLimit({ kinds, online }: Observations): Finding {
  if (!online || !firstAnswer({ kinds, online })) return notChecked(needsToken);
  if (!online.rate) return notChecked("no answer reported how much of it is used");
  const { used, allowed } = online.rate;
  const seen = `${used} of ${allowed} requests in this window are used`;
  if (used * 100 < allowed * busyPercent) return passed(seen);
  return warned(
    seen,
    "other programs use this OAuth client too: give reconcile a client of its own, or lower rateShare in the config",
  );
}

/** Rounds to the largest unit that fits: `24 h`. */
function describeLife(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
