// The table of tamperings: each row makes another trail of a sound one, and says what must come of it.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { formatRecord } from "../support/format-record.ts";
import { reseal } from "../support/reseal.ts";
import type { Row } from "./family.ts";

/**
 * `stopsWrites`: no command that writes does so, and `audit verify` names the line. `mends`: as after a crash, the next
 * run sets the rest of a line aside and goes on.
 */
type Must = "stopsWrites" | "mends";

/**
 * What shows it: the chain, or the spelling of a line, which `audit verify` names; or only the key or the head that the
 * state directory keeps, which stop what writes.
 */
type SeenBy = "chain" | "spelling" | "key" | "head";

interface Tampered {
  readonly must: Must;
  readonly seenBy: SeenBy;
  /** Null removes the file. */
  readonly tamper: (trail: Trail) => string | Uint8Array | null;
}

export interface TamperRow extends Row, Tampered {}

export interface Trail {
  readonly text: string;
  /** Without their newlines. */
  readonly lines: readonly string[];
  /** The index of the record that is tampered with. */
  readonly at: number;
  /** The first run alone, as an older copy of the file would hold it. */
  readonly older: string;
}

type Tamper = Tampered["tamper"];

const seenBy =
  (by: SeenBy) =>
  (tamper: Tamper): Tampered => ({ must: "stopsWrites", seenBy: by, tamper });
const chain = seenBy("chain");
const spelling = seenBy("spelling");
const key = seenBy("key");
const head = seenBy("head");
const mends = (tamper: Tamper): Tampered => ({ must: "mends", seenBy: "head", tamper });

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Another text in place of the line. */
const line =
  (change: (line: string, trail: Trail) => string): Tamper =>
  (trail) =>
    joined(trail.lines.map((one, index) => (index === trail.at ? change(one, trail) : one)));

/** Another record in place of the line, with the hash that it had. */
const record = (change: (record: AuditRecord) => object): Tamper =>
  line((one) => formatRecord(change(JSON.parse(one) as AuditRecord) as AuditRecord).trimEnd());

/** Other lines in place of them all. */
const lines =
  (change: (lines: readonly string[], at: number) => readonly string[]): Tamper =>
  (trail) =>
    joined(change(trail.lines, trail.at));

/** Chained anew as if it had been written so; without the key, for whoever tampers has none. */
const rehashed =
  (
    change: (record: AuditRecord) => object,
    pick: (lines: readonly string[]) => readonly string[] = all,
  ): Tamper =>
  ({ lines: given, at }) =>
    reseal(joined(pick(given)), (one) => (one.seq === at + 1 ? change(one) : {}));

const all = (given: readonly string[]): readonly string[] => given;
const evil = "https://evil.example.com/";

const wholes: Readonly<Record<string, Tampered>> = {
  "the trail is gone": head(() => null),
  "the trail is empty": head(() => ""),
  "the trail is an older copy": head(({ older }) => older),
  "the trail is a new one, forged whole": key(rehashed(() => ({ actor: "mallory" }))),
  "the trail is that of another run": key(({ older }) => reseal(older, () => ({ runId: "ffffffff-ffff" }))),
  "the trail is a README": chain(() => "# A project\n\nHello.\n"),
  "the trail is a JSON array": chain(({ lines: given }) => `[${given.join(",\n")}]\n`),
  "the trail is in UTF-16": chain(({ text }) => Buffer.from(text, "utf16le")),
  "the trail has a byte order mark": chain(({ text }) => `\ufeff${text}`),
  "the trail has CRLF": chain(({ text }) => text.replaceAll("\n", "\r\n")),
  "the trail begins with a blank line": chain(({ text }) => `\n${text}`),
  "the trail is written backwards": chain(lines((given) => given.toReversed())),
  "the trail stands there twice": chain(({ text }) => text + text),
  "the trail is random bytes": chain(() =>
    Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251),
  ),
};

const ends: Readonly<Record<string, Tampered>> = {
  "the last line is half": mends(({ text }) => text.slice(0, -200)),
  "the last newline is gone": mends(({ text }) => text.slice(0, -1)),
  "the end has a NUL page": mends(({ text }) => `${text}${"\0".repeat(4096)}`),
  "the end is half a record more": mends(({ text, lines: [first = ""] }) => text + first.slice(0, 99)),
  "the last line is gone": head(lines((given) => given.slice(0, -1))),
  "the last ten lines are gone": head(lines((given) => given.slice(0, -10))),
  "the last line is no record": chain(lines((given) => [...given.slice(0, -1), "{}"])),
  "a line of nothing comes last": { ...chain(({ text }) => `${text}\n`), must: "mends" },
  "a line of null comes last": chain(({ text }) => `${text}null\n`),
  "the last record is there again": chain(lines((given) => [...given, given.at(-1) ?? ""])),
  "the first record comes last, too": chain(lines((given) => [...given, given[0] ?? ""])),
};

const inside: Readonly<Record<string, Tampered>> = {
  "a line is gone": chain(lines((given, at) => given.toSpliced(at, 1))),
  "the first line is gone": chain(lines((given) => given.slice(1))),
  "a line is there twice": chain(lines((given, at) => given.toSpliced(at, 0, given[at] ?? ""))),
  "two lines have changed places": chain(
    lines((given, at) => given.with(at, given[at - 1] ?? "").with(at - 1, given[at] ?? "")),
  ),
  "a line is half": chain(line((one) => one.slice(0, one.length / 2))),
  "a line is two": chain(line((one) => `${one.slice(0, 50)}\n${one.slice(50)}`)),
  "two lines are one": chain(({ lines: given, at }) =>
    joined(given).replace(`${given[at] ?? ""}\n`, given[at] ?? ""),
  ),
  "a line has a blank at its end": spelling(line((one) => `${one} `)),
  "a line has blanks inside": spelling(line((one) => one.replaceAll('":', '": '))),
  "a line ends in CR": spelling(line((one) => `${one}\r`)),
  "a line begins with a NUL": chain(line((one) => `\0${one}`)),
  "a line has a NUL inside": chain(line((one) => one.replace('"seq"', '"s\0eq"'))),
  "a line is in an array": chain(line((one) => `[${one}]`)),
  "a line spells a letter as an escape": spelling(
    line((one) => one.replace('"runId"', String.raw`"\u0072unId"`)),
  ),
  "a number is spelled with an exponent": spelling(line((one) => one.replace(/"seq":(\d+)/, '"seq":$1e0'))),
  "a line is blank": chain(line(() => "")),
  "a blank line is put in": chain(lines((given, at) => given.toSpliced(at, 0, ""))),
  "a line of another trail is put in": chain(
    lines((given, at) =>
      given.toSpliced(at, 0, (given[at] ?? "").replace(/"prevHash":"../, '"prevHash":"ff')),
    ),
  ),
  "a line of 200,000 brackets is put in": chain(
    lines((given, at) => given.toSpliced(at, 0, "[".repeat(200_000))),
  ),
  "a line is 2 MB long": chain(record((one) => ({ ...one, error: "x".repeat(2_000_000) }))),
  "a line is 20 MB long": chain(line(() => "x".repeat(20_000_000))),
  "a document nests 5,000 deep": chain(
    line((one) => one.replace(/"after":\{/, `"after":{"x":${"[".repeat(5_000)}${"]".repeat(5_000)},`)),
  ),
  "a record has a key more": chain(record((one) => ({ ...one, more: 1 }))),
  "a record has a __proto__": chain(line((one) => one.replace(/\}$/, ',"__proto__":{"success":false}}'))),
  "a document has a second name before its own": spelling(
    line((one) => one.replace('"after":{', '"after":{"name":"evil",')),
  ),
  "the endpoint of a document is another": chain(
    line((one) => one.replace(/("after":\{[^}]*"endpoint":)"[^"]*"/, `$1"${evil}"`)),
  ),
};

const chained: Readonly<Record<string, Tampered>> = {
  "rehashed: another actor": key(rehashed(() => ({ actor: "mallory" }))),
  "rehashed: another endpoint before": key(
    rehashed(({ before, after }) => ({ before: { ...(before ?? after), endpoint: evil } })),
  ),
  "rehashed: another endpoint after": key(
    rehashed(({ after }) => ({ after: { ...after, endpoint: evil } })),
  ),
  "rehashed: success turned into failure": key(
    rehashed(() => ({ event: "change.failed", success: false })),
  ),
  "rehashed: the id of a stranger": key(rehashed(() => ({ webhookId: "of-others" }))),
  "rehashed: an id that leads elsewhere": key(rehashed(() => ({ webhookId: "../../oauth/token" }))),
  "rehashed: another owner's marker": key(
    rehashed(({ after }) => ({
      after: { ...after, description: "Consumer group: beta | Managed by: reconcile (others)" },
    })),
  ),
  "rehashed: another environment": key(rehashed(() => ({ environment: "usw2.pure.cloud" }))),
  "rehashed: of the year 275760": key(rehashed(() => ({ timestamp: "+275760-09-13T00:00:00.000Z" }))),
  "rehashed: of the year 1970": key(rehashed(() => ({ timestamp: "1970-01-01T00:00:00.000Z" }))),
  "rehashed: control characters in every text": key(
    rehashed(() => ({ actor: "\u001b[2J\u202e", group: "\u0000", error: "\r\n::error::x" })),
  ),
  "rehashed: an intent of itself": key(rehashed(({ seq }) => ({ intent: seq }))),
  "rehashed: an intent that is yet to come": key(rehashed(() => ({ intent: 999_999 }))),
  "rehashed: figures of 1e300": key(
    rehashed(({ metrics }) => ({ metrics: { ...metrics, totalAttempts: 1e300, averageLatency: 1e300 } })),
  ),
  "rehashed: a line less": key(
    rehashed(
      () => ({}),
      (given) => given.toSpliced(2, 1),
    ),
  ),
  "rehashed: outcomes are gone": key(
    rehashed(
      () => ({}),
      (given) => given.filter((one) => !one.includes('"change.applied"')),
    ),
  ),
};

const fields = [
  ...["seq", "timestamp", "runId", "environment", "event", "operation", "group", "endpoint", "webhookId"],
  ...["before", "after", "patch", "success", "latencyMs", "error", "metrics", "actor", "source", "intent"],
  ...["attempted", "prevHash", "hash"],
] as const;

/** Each key of a record, in each way. */
function rowsOfField(field: (typeof fields)[number]): Readonly<Record<string, Tampered>> {
  const text = JSON.stringify(field);
  return {
    [`${field} is edited`]: chain(record((one) => ({ ...one, [field]: edited(one[field]) }))),
    [`${field} is gone`]: chain(record((one) => ({ ...one, [field]: undefined }))),
    [`${field} is of another type`]: chain(record((one) => ({ ...one, [field]: retyped(one[field]) }))),
    [`${field} is there twice`]: spelling(line((one) => one.replace("{", `{${text}:"other",`))),
    [`${field} stands last`]: spelling(
      record(({ [field]: value, ...one }) => ({ ...one, ...(field === "hash" ? {} : { [field]: value }) })),
    ),
  };
}

function edited(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "string") return /^[0-9a-f]{64}$/.test(value) ? "f".repeat(64) : `${value}x`;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return [...(value as unknown[]), { op: "remove", path: "/name" }];
  return value === null ? "x" : { ...(value as object), name: "evil" };
}

function retyped(value: unknown): unknown {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return [value];
  return value === null ? {} : 7;
}

export const tamperRows: readonly TamperRow[] = Object.entries({
  ...wholes,
  ...ends,
  ...inside,
  ...chained,
  ...Object.assign({}, ...fields.map(rowsOfField)),
} as Readonly<Record<string, Tampered>>).map(([name, tampered]) => ({ name, ...tampered }));
