// Makes a ReconcileError of a refusal by the platform: what was asked, what came back, and what to do.
import { ReconcileError } from "../../model/errors.ts";
import type { Kind } from "../../model/kind.ts";
import type { HttpRequest, HttpResponse } from "../../model/http.ts";
import { addressRefusal, parseErrorBody } from "./error-body.ts";
import { scopeFor } from "./oauth-scopes.ts";
import { parseJsonObject } from "./json.ts";
import { hintForRetryAfter, sayRetryAfter } from "./retry-after.ts";
import { shownText } from "./server-text.ts";
import { parseUrl } from "../../lib/parse-url.ts";

/** The variables that give the login. */
export type LoginNames = readonly [id: string, secret: string];

export const plainLoginNames: LoginNames = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"];

/** The method and path of a request. Messages show the path without its query. */
export interface Asked {
  readonly method: HttpRequest["method"];
  readonly path: string;
  /** The permissions that a client needs for the request; null for a path that belongs to no kind. */
  readonly permissions: Kind["permissions"] | null;
  readonly login?: LoginNames | undefined;
  /** The permission for the test of an event, which is a POST that changes nothing; absent for any other request. */
  readonly eventTest?: string;
}

interface StatusRule {
  readonly least: number;
  readonly most: number;
  /** The code that the platform must have sent for this row; absent for any or none. */
  readonly platformCode?: string;
  readonly code: string;
  readonly words: string;
  readonly hint?: string | ((asked: Asked) => string);
  /** The same request may succeed later. */
  readonly isOutage?: true;
}

/** The permissions that a request needs, if it is for one of the kinds of resources. */
function rightsFor({ permissions, eventTest }: Asked): string {
  if (eventTest !== undefined) return `the permission ${eventTest}`;
  if (!permissions) return "the permissions for this request";
  const { word, list, write } = permissions;
  return `the ${word} ${[list, ...write].join(" ")}`;
}

const conflict: StatusRule = {
  ...{ least: 409, most: 409, code: "api/conflict", words: "conflicts with what is there" },
};

function hintForScope({ path, login = plainLoginNames }: Asked): string {
  const scope = scopeFor(path);
  const which = scope === null ? "the scope of this request" : `the scope ${scope}`;
  return `in Admin → Integrations → OAuth give the client of ${login[0]} ${which}; a role does not replace it`;
}

/** The first row whose range holds the status, and whose code the platform sent, counts. */
const table: readonly StatusRule[] = [
  {
    least: 401,
    most: 401,
    platformCode: addressRefusal,
    code: "api/addressRefused",
    words: "not allowed from this machine's address",
    hint:
      "an administrator can add this machine's public address (behind a proxy, the proxy's) to the addresses from which " +
      "the organisation or its OAuth client may be used",
  },
  {
    least: 403,
    most: 403,
    platformCode: "app.not.authorized.for.scope",
    code: "api/scopeMissing",
    words: "outside the scopes of this OAuth client",
    hint: hintForScope,
  },
  {
    least: 401,
    most: 401,
    code: "api/unauthorized",
    words: "not authorised, even with a new token",
    hint: (asked) =>
      `check ${(asked.login ?? plainLoginNames).join(" and ")}; the OAuth client needs ${rightsFor(asked)}`,
  },
  {
    least: 403,
    most: 403,
    code: "api/forbidden",
    words: "forbidden",
    hint: (asked) =>
      `give the OAuth client of ${(asked.login ?? plainLoginNames)[0]} a role with ${rightsFor(asked)}`,
  },
  { least: 404, most: 404, code: "api/notFound", words: "not found" },
  { least: 410, most: 410, code: "api/notFound", words: "not found any more" },
  conflict,
  {
    least: 429,
    most: 429,
    code: "api/rateLimited",
    words: "still over the rate limit",
    isOutage: true,
    hint: "other programs use this OAuth client too: lower rateShare or --concurrency, or try again later",
  },
  {
    least: 408,
    most: 408,
    code: "api/unavailable",
    words: "the platform timed out",
    isOutage: true,
    hint: "try again later; status.mypurecloud.com shows outages",
  },
  {
    least: 500,
    most: 599,
    code: "api/unavailable",
    words: "the platform failed",
    isOutage: true,
    hint: "try again later; status.mypurecloud.com shows outages",
  },
];

const refused: StatusRule = { least: 400, most: 499, code: "api/rejected", words: "refused" };

/** The platform refuses an outdated version with several statuses, and never has carried such a write out. */
const outdated: StatusRule = { ...conflict, words: "is based on an outdated version" };

function covers(status: number, sent: string | null): (rule: StatusRule) => boolean {
  return ({ least, most, platformCode = sent }) =>
    status >= least && status <= most && platformCode === sent;
}

/** `response` has a status other than 2xx. */
export function makeFailure(response: HttpResponse, asked: Asked): ReconcileError {
  const { status } = response;
  const correlationId = correlationIdOf(response);
  if (status < 400) return makeRedirected(response, asked);
  const { code: platformCode, words, fields, isOutdatedVersion } = parseErrorBody(response);
  const row = isOutdatedVersion ? outdated : (table.find(covers(status, platformCode)) ?? refused);
  const wait = row.isOutage === true ? sayRetryAfter(response) : "";
  const coded = words === "" && platformCode !== null ? `${status} ${platformCode}` : String(status);
  const message = `${row.words} (${coded})${wait}${words === "" ? "" : `: ${words}`}`;
  const hint = (wait === "" ? null : hintForRetryAfter(response)) ?? hintOf(row, asked);
  return new ReconcileError(row.code, message, {
    request: shownRequest(asked),
    ...{ correlationId, platformCode, fields, status },
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintOf({ hint }: StatusRule, asked: Asked): string | undefined {
  return typeof hint === "function" ? hint(asked) : hint;
}

/** The id that Genesys support asks for, from the header or else from an error's body; undefined without one. */
export function correlationIdOf(response: HttpResponse): string | undefined {
  const inBody = () => (response.status < 400 ? undefined : parseJsonObject(response.body)?.["contextId"]);
  const id = response.headers["inin-correlation-id"] ?? inBody();
  return typeof id === "string" && /^[\w.:-]{1,100}$/.test(id) ? id : undefined;
}

/** `GET /api/v2/webhooks`. */
export function shownRequest({ method, path }: Pick<Asked, "method" | "path">): string {
  return `${method} ${path.replace(/[?#].*$/s, "")}`;
}

function makeRedirected(response: HttpResponse, asked: Asked): ReconcileError {
  const location = response.headers["location"] ?? "";
  const place = parseUrl(location)?.host ?? "";
  const elsewhere = place === "" ? "another address" : shownText(place);
  const answer = `redirected to ${elsewhere} (${response.status}), which reconcile does not follow`;
  return new ReconcileError("api/redirected", answer, {
    request: shownRequest(asked),
    hint:
      "check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or login portal answers in place of the " +
      "platform",
    correlationId: correlationIdOf(response),
  });
}
