// Whether the login and the API answer, at which time, and how busily they are used.
import { parsePage } from "../genesys/list-pages.ts";
import { webhookCollection } from "../genesys/webhooks.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import { failed, notChecked, passed, warned, type Answer, type Finding, type Seen } from "./check.ts";
import { findNetworkFault } from "./network-fault.ts";

/** Beyond it the trail's times no longer tell which of two machines was first. */
const mostSkewMs = 60_000;
/** From here on others, or other runs, are close to the limit. */
const busyPercent = 80;

export function checkToken(seen: Seen): Finding {
  const { online, platform } = seen;
  if (!online || !platform?.ok) return notChecked("it takes a region and credentials first");
  const { login, token } = online;
  const { host } = new URL(platform.value.tokenUrl);
  if (!(login instanceof ReconcileError)) {
    const life = login.lifeSeconds === null ? "" : `, good for ${describeLife(login.lifeSeconds)}`;
    const whose = token?.organisation ? `, of the organisation ${token.organisation}` : "";
    return passed(`${host} gave one${whose}${life}`);
  }
  const fault = findNetworkFault(login);
  if (fault) return failed(`no answer from ${host}: ${fault.says}`, fault.toDo);
  const toDo = login.hint ?? "check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET";
  return failed(errorText(login), login.code === "auth/invalidClient" ? otherRegion(host) : toDo);
}

function otherRegion(host: string): string {
  return (
    "copy the id and the secret from Admin → Integrations → OAuth once more; a client of another region is refused " +
    `just so: ${host} must be the region where you log in to Genesys Cloud (set environment in the config, or ` +
    "GENESYS_ENVIRONMENT)"
  );
}

export function checkApi({ online, platform }: Seen): Finding {
  const answer = online?.webhooks;
  if (!answer || !platform?.ok) return notChecked(needsToken);
  const { host } = new URL(platform.value.apiUrl);
  if (!(answer instanceof ReconcileError)) {
    const page = parsePage(answer.body, webhookCollection);
    if (page.ok) return passed(`${host} answers`);
    return failed(`${host} answers, but expected was ${page.expected}`, notThePlatform);
  }
  if (isAnswered(answer)) return passed(`${host} answers`);
  const fault = findNetworkFault(answer);
  if (fault) return failed(`no answer from ${host}: ${fault.says}`, fault.toDo);
  return failed(errorText(answer), answer.hint ?? notThePlatform);
}

const needsToken = "it takes a token first";
const notThePlatform =
  "check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or portal stands between";

/** The platform itself said yes or no. */
export function isAnswered(answer: Answer): boolean {
  if (!(answer instanceof ReconcileError)) return parsePage(answer.body, webhookCollection).ok;
  return ["api/forbidden", "api/unauthorized", "api/notFound"].includes(answer.code);
}

export function checkClock({ online }: Seen): Finding {
  if (!online) return notChecked("it takes an answer of the platform first");
  const { aheadMs } = online;
  if (aheadMs === null) return notChecked("no answer of the platform had a date");
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= mostSkewMs)
    return passed(seconds <= 2 ? "as the platform's" : `within ${seconds} s of the platform's`);
  const side = aheadMs > 0 ? "ahead of" : "behind";
  return warned(
    `this machine's clock is ${describeLife(seconds)} ${side} the platform's`,
    "have it set over the network (NTP): the audit trail's times are this machine's",
  );
}

export function checkRateLimit({ online }: Seen): Finding {
  if (!online?.webhooks) return notChecked(needsToken);
  if (!online.rate) return notChecked("no answer said how much of it is used");
  const { used, allowed } = online.rate;
  const seen = `${used} of ${allowed} requests of this window are used`;
  if (used * 100 < allowed * busyPercent) return passed(seen);
  return warned(
    seen,
    "others use this OAuth client too: give reconcile a client of its own, or lower rateShare in the config",
  );
}

/** In the largest unit that fits: `24 h`. */
function describeLife(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
