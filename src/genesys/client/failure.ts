// A refusal by the platform → a ReconcileError that says what was asked, what came back and what to do.
import { ReconcileError, type FieldFault } from "../../model/errors.ts";
import { resourceKinds } from "../../model/resource-kind.ts";
import type { HttpRequest, HttpResponse } from "../../model/http.ts";
import { isObject, parseJsonObject } from "./json.ts";
import { shownText } from "./server-text.ts";

/** What was asked: the path is shown without its query. */
export interface Asked {
  readonly method: HttpRequest["method"];
  readonly path: string;
}

interface Row {
  readonly least: number;
  readonly most: number;
  readonly code: string;
  readonly says: string;
  readonly hint?: string | ((asked: Asked) => string);
}

/** Of what was asked for; of anything else, nobody knows. */
function rightsFor({ path }: Asked): string {
  const kind = Object.values(resourceKinds).find((one) => path.startsWith(one.path));
  if (!kind) return "the permissions for this request";
  const what = kind.scheme === "https:" ? "scopes" : "permissions";
  return `the ${what} ${[kind.permissions.list, ...kind.permissions.write].join(" ")}`;
}

/** The first row that spans the status counts. */
const table: readonly Row[] = [
  {
    least: 401,
    most: 401,
    code: "api/unauthorized",
    says: "not authorised, even with a new token",
    hint: (asked) =>
      `check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET; the OAuth client needs ${rightsFor(asked)}`,
  },
  {
    least: 403,
    most: 403,
    code: "api/forbidden",
    says: "forbidden",
    hint: (asked) =>
      `the OAuth client of GENESYS_CLIENT_ID needs ${rightsFor(asked)} and a role that allows them`,
  },
  { least: 404, most: 404, code: "api/notFound", says: "not found" },
  { least: 409, most: 409, code: "api/conflict", says: "conflicts with what is there" },
  {
    least: 429,
    most: 429,
    code: "api/rateLimited",
    says: "still over the rate limit",
    hint: "others use this OAuth client too: lower rateShare or --concurrency, or try again later",
  },
  {
    least: 408,
    most: 408,
    code: "api/unavailable",
    says: "the platform ran out of time",
    hint: "try again later; status.mypurecloud.com shows outages",
  },
  {
    least: 500,
    most: 599,
    code: "api/unavailable",
    says: "the platform failed",
    hint: "try again later; status.mypurecloud.com shows outages",
  },
];

const refused: Row = { least: 400, most: 499, code: "api/rejected", says: "refused" };

/** `response`: any but a 2xx. */
export function makeFailure(response: HttpResponse, asked: Asked): ReconcileError {
  const { status } = response;
  const correlationId = correlationIdOf(response);
  if (status < 400) return makeRedirected(response, asked);
  const row = table.find(({ least, most }) => status >= least && status <= most) ?? refused;
  const body = parseJsonObject(response.body) ?? {};
  const fields = parseFaults(body["errors"]);
  const words = fields.length > 0 ? summarise(fields) : wordsOf(body["message"]);
  const message = `${row.says} (${status})${words === "" ? "" : `: ${words}`}`;
  return new ReconcileError(row.code, message, {
    request: shownRequest(asked),
    correlationId,
    fields,
    ...(row.hint === undefined ? {} : { hint: typeof row.hint === "string" ? row.hint : row.hint(asked) }),
  });
}

/** Support asks for it: from the header, else from an error's body; undefined where there is none. */
export function correlationIdOf(response: HttpResponse): string | undefined {
  const id = response.headers["inin-correlation-id"] ?? parseJsonObject(response.body)?.["contextId"];
  return typeof id === "string" && /^[\w.:-]{1,100}$/.test(id) ? id : undefined;
}

/** `GET /api/v2/webhooks`. */
export function shownRequest({ method, path }: Asked): string {
  return `${method} ${path.replace(/[?#].*$/s, "")}`;
}

function makeRedirected(response: HttpResponse, asked: Asked): ReconcileError {
  const location = response.headers["location"] ?? "";
  const place = URL.canParse(location) ? new URL(location).host : "";
  const elsewhere = place === "" ? "another address" : shownText(place);
  const answer = `redirected to ${elsewhere} (${response.status}), which is not followed`;
  return new ReconcileError("api/redirected", answer, {
    request: shownRequest(asked),
    hint: "check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or portal stands between",
    correlationId: correlationIdOf(response),
  });
}

/** A body has few fields; more faults than this help nobody. */
const maxFaults = 50;
/** Of these faults in one line of text. */
const maxSummarised = 5;

function parseFaults(errors: unknown): FieldFault[] {
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, maxFaults).flatMap((error: unknown) => {
    if (!isObject(error)) return [];
    const message = wordsOf(error["message"]);
    return message === "" ? [] : [{ field: wordsOf(error["field"]), message }];
  });
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? shownText(value) : "";
}

function summarise(fields: readonly FieldFault[]): string {
  const shown = fields.slice(0, maxSummarised);
  const rest = fields.length - shown.length;
  const texts = shown.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`));
  return [...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}
