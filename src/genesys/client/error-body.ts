// Reads the body of a refusal: the platform's code, its words, and the faults of single fields.
import type { FieldFault } from "../../model/errors.ts";
import type { HttpResponse } from "../../model/http.ts";
import { isObject, parseJsonObject } from "./json.ts";
import { shownText } from "./server-text.ts";

export interface ErrorBody {
  /** The platform's own code, such as `version.conflict`; null without one. */
  readonly code: string | null;
  /** Everything that it says, on one line; empty if it says nothing. */
  readonly words: string;
  readonly fields: readonly FieldFault[];
  /** True if it refuses a write because the write states an outdated version. */
  readonly isOutdatedVersion: boolean;
}

/** The code of a refusal of this machine's address, which a new token does not change. */
export const addressRefusal = "ip.not.authorized";

type Body = Readonly<Record<string, unknown>>;

export function parseErrorBody(response: HttpResponse): ErrorBody {
  const body = parseJsonObject(response.body) ?? {};
  const nested = nestedBodies(body, 1);
  const all = [body, ...nested];
  const code = firstOf(all, ({ code: one }) => plainWord(one));
  const fields = nested.flatMap(faultOf);
  const details = sayMessages(body, fields);
  const more = [firstOf(all, ({ limit }) => sayLimit(limit)), firstOf(all, sayEntity)];
  return {
    code,
    words: [details, ...more].filter((part) => part !== null && part !== "").join("; "),
    fields,
    isOutdatedVersion: all.some((one) =>
      saysOutdatedVersion(plainWord(one["code"]), textOf(one["message"])),
    ),
  };
}

/** The platform sends both with several statuses. */
export function saysOutdatedVersion(code: string | null, message: string): boolean {
  return code === "version.conflict" || /does not match the current version/i.test(message);
}

/** A request has few fields, so more faults than this would be of no use. */
const maxFaults = 50;
/** Each of `errors` is a body of the same form, and so can hold further ones. */
const maxDepth = 3;

function nestedBodies({ errors }: Body, depth: number): readonly Body[] {
  if (!Array.isArray(errors) || depth > maxDepth) return [];
  const bodies = errors.slice(0, maxFaults).filter(isObject);
  return bodies.flatMap((body) => [body, ...nestedBodies(body, depth + 1)]).slice(0, maxFaults);
}

function faultOf(body: Body): readonly FieldFault[] {
  const message = textOf(body["message"]) || (plainWord(body["code"]) ?? "");
  return message === "" ? [] : [{ field: textOf(body["field"]), message }];
}

/** Faults of fields say more than the message above them; other bodies add to it. */
function sayMessages(body: Body, fields: readonly FieldFault[]): string {
  const faults = fields.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`));
  if (fields.some(({ field }) => field !== "")) return summarise(faults);
  return summarise([...new Set([textOf(body["message"]), ...faults])].filter((text) => text !== ""));
}

/** The faults that one line of text names. */
const maxSummarised = 5;

function summarise(texts: readonly string[]): string {
  const rest = texts.length - maxSummarised;
  return [...texts.slice(0, maxSummarised), ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

/** `limit max.integrations of namespace integrations is 10`. */
function sayLimit(limit: unknown): string | null {
  if (!isObject(limit)) return null;
  const [key, namespace] = [plainWord(limit["key"]), plainWord(limit["namespace"])];
  if (key === null) return null;
  const { value } = limit;
  const amount = typeof value === "number" && Number.isFinite(value) ? ` is ${value}` : "";
  return `limit ${key}${namespace === null ? "" : ` of namespace ${namespace}`}${amount}`;
}

function sayEntity({ entityId }: Body): string | null {
  const id = plainWord(entityId);
  return id === null ? null : `entity ${id}`;
}

function firstOf<T>(bodies: readonly Body[], read: (body: Body) => T | null): T | null {
  for (const body of bodies) {
    const found = read(body);
    if (found !== null) return found;
  }
  return null;
}

/** Null for a text that could hold words of somebody else's. */
function plainWord(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,100}$/.test(value) ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? shownText(value) : "";
}
