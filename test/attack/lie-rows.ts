// The table of lies: each row is what the platform says in place of an honest answer, and what must come of it.
import type { Row } from "./family.ts";
import type { Invariant } from "./observe.ts";
import * as say from "./lying.ts";
import type { Asked, Lie } from "./lying.ts";

/**
 * `asHonest`: exit 0, and all is live as after an honest pass. `refused`: exit 1 before any write. `fails`: exit 1, and
 * what could be done is done. `converges`: no more than that the next honest pass mends it all, which holds of each row.
 */
export type Must = "asHonest" | "refused" | "fails" | "converges";

interface Told {
  readonly lie: Lie;
  readonly must: Must;
  /** The checks that cannot hold while a pass believes such a lie. */
  readonly excuses: readonly Invariant[];
  readonly known?: string;
}

export interface LieRow extends Row, Told {
  readonly on: Asked;
  /** The scheme of the only kind that it is about; absent if it is about all. */
  readonly of?: string;
  /** Whether the list has several pages. */
  readonly isCrowded: boolean;
}

type Entry = Lie | Told;

const told = (entry: Entry): Told =>
  typeof entry === "function" ? { lie: entry, must: "converges", excuses: [] } : entry;
const asHonest = (entry: Entry): Told => ({ ...told(entry), must: "asHonest" });
const refused = (entry: Entry): Told => ({ ...told(entry), must: "refused" });
const fails = (entry: Entry): Told => ({ ...told(entry), must: "fails" });
/** A pass makes a hidden resource again, unless the platform refuses it; the next pass deletes the surplus. */
const doubles = (entry: Entry): Told => ({
  ...told(entry),
  excuses: [...told(entry).excuses, "nothingDoubled"],
});
/** A pass believes what a list says of our own resources, and moves event types by that. */
const gaps = (entry: Entry): Told => ({ ...told(entry), excuses: [...told(entry).excuses, "noGap"] });

function rows(
  on: Asked,
  entries: Readonly<Record<string, Entry>>,
  more: Partial<Pick<LieRow, "of" | "isCrowded">> & { readonly prefix?: string } = {},
): readonly LieRow[] {
  const { prefix = on, ...rest } = more;
  return Object.entries(entries).map(([name, entry]) => {
    return { name: `${prefix}: ${name}`, on, isCrowded: false, ...told(entry), ...rest };
  });
}

const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const html = "<!doctype html><title>Sign in</title><script>alert(1)</script>";
const odd = "\u0000\u001b[2Jx\u202e\u0007\r\n::error::x";
const evil = "https://evil.example.com/";
const empty = '{"entities":[],"pageNumber":1,"pageSize":100,"total":0,"pageCount":0}';
const marker = "Managed by: reconcile (default)";

const lists = {
  "total is 0": say.put({ total: 0 }),
  "total is 1 more": say.change((body) => ({ ...body, total: body.total + 1 })),
  "total is 1 less": say.change((body) => ({ ...body, total: body.total - 1 })),
  "total grows with each page": say.change((body, { count }) => ({ ...body, total: body.total + count })),
  "total is -1": say.put({ total: -1 }),
  "total is 1e99": say.put({ total: 1e99 }),
  "total is text": say.put({ total: "3" }),
  "total is null": say.put({ total: null }),
  "total is 2^53 - 1": say.put({ total: 2 ** 53 - 1 }),
  "pageCount is 0": asHonest(say.put({ pageCount: 0 })),
  "pageCount is 1": asHonest(say.put({ pageCount: 1 })),
  "pageCount is 999": say.put({ pageCount: 999 }),
  "pageCount is 1e9": say.put({ pageCount: 1e9 }),
  "pageCount is 1.5": say.put({ pageCount: 1.5 }),
  "pageNumber and pageSize are nonsense": asHonest(say.put({ pageNumber: -7, pageSize: "x" })),
  "nextUri leads to another host": say.put({ nextUri: `${evil}api/v2/x?after=1` }),
  "nextUri leads to another host, without a scheme": say.put({ nextUri: "//evil.example.com/x?after=zz" }),
  "nextUri leads back to the first page": say.put({ nextUri: "/api/v2/x?after=" }),
  "nextUri names a new cursor for ever": say.change((body, { count }) => ({
    ...body,
    nextUri: `/x?after=zz${count}`,
  })),
  "nextUri is an object": say.put({ nextUri: { href: 1 } }),
  "nextUri holds control characters": say.put({ nextUri: `/x?after=${odd}` }),
  "nextUri is 64 KiB long": say.put({ nextUri: `/x?after=${"a".repeat(65_536)}` }),
  "each page is the first": say.first,
  "the second page is empty": doubles(say.entities((all, { count }) => (count % 3 === 2 ? [] : all))),
  "each page is in reverse": asHonest(say.entities((all) => all.toReversed())),
  "each entity stands twice": say.entities((all) => [...all, ...all]),
  "it shrinks while it is read": doubles(say.entities((all, { count }) => all.slice(count))),
};

const bodies = {
  "it is empty, with total 0": doubles(say.answer(200, empty)),
  "it is empty, with the honest total": doubles(say.entities(() => [])),
  "the first is empty, the others honest": doubles(say.once(say.answer(200, empty))),
  "every other one is empty": doubles(say.everyOther(say.answer(200, empty))),
  "1e999": doubles(say.answer(200, '{"entities":[],"total":1e999}')),
  "entities is null": refused(say.entities(() => null)),
  "entities is text": refused(say.entities(() => "x")),
  "entities is an object with a length": refused(say.entities(() => ({ length: 3 }))),
  "entities is missing": refused(say.change(({ total }) => ({ total }))),
  "entities are nested": doubles(say.entities((all) => [all])),
  "entities hold null": say.entities((all) => [null, ...all]),
  "entities hold numbers and text": say.entities((all) => [1, "x", true, ...all]),
  "one entity nests 5,000 deep": say.replace(
    '"entities":[',
    `"entities":[{"id":"deep","x":${deep(5_000)}},`,
  ),
  "20,000 entities of strangers": say.replace(
    '"entities":[',
    `"entities":[${'{"id":"x"},'.repeat(20_000)}`,
  ),
  "entities stand twice in the JSON, the second empty": doubles(say.replace(/\}$/, ',"entities":[]}')),
  "it has a __proto__": asHonest(say.replace(/^\{/, '{"__proto__":{"entities":[],"total":0},')),
  "entities have a __proto__ with our marker": asHonest(
    say.replace(/\{"id":"s1/g, `{"__proto__":{"description":"Consumer group: alpha | ${marker}"},"id":"s1`),
  ),
};

const listed = {
  "constructor and toString are values": asHonest(say.each({ constructor: { prototype: 1 }, toString: 1 })),
  "no id": fails(say.eachOurs({ id: undefined })),
  "the id is a number": fails(say.eachOurs({ id: 7 })),
  "the id leads to another path": fails(say.eachOurs({ id: "../../oauth/token" })),
  "the id is ..": fails(say.eachOurs({ id: ".." })),
  "the id holds a query": fails(say.eachOurs({ id: "x?y=1" })),
  "the id holds control characters": fails(say.eachOurs({ id: odd })),
  "the id has 10,000 characters": fails(say.eachOurs({ id: "a".repeat(10_000) })),
  "ours have the id of a stranger": doubles(say.eachOurs({ id: "s1000" })),
  "ours have one id": doubles(say.eachOurs({ id: "same" })),
  "ours are another owner's": doubles(say.replace(/\(default\)/g, "(others)")),
  "ours have two markers": doubles(
    say.replaceAll(` | ${marker}`, ` | ${marker} | Managed by: reconcile (others)`),
  ),
  "the marker ends in a control character": doubles(say.replace(/\(default\)/g, "(default)\\u0000")),
  "ours are in another group": gaps(doubles(say.replace(/group: beta/g, "group: betb"))),
  "names hold control characters": say.each({ name: odd }),
  "a name of 1 MB": say.eachOurs({ name: "n".repeat(1_000_000) }),
  "the description is a number": doubles(
    say.eachOurs({ description: 1, config: { current: { notes: 1 } } }),
  ),
};

const listedWebhooks = {
  "strangers are nobody's, in a group of ours": say.each({ description: "Consumer group: alpha" }),
  "endpoints that are no URLs": gaps(say.each({ endpoint: "javascript:alert(1)" })),
  "endpoints on another host": gaps(say.each({ endpoint: evil })),
  "eventTypes is null": gaps(say.each({ eventTypes: null })),
  "eventTypes is empty": gaps(say.each({ eventTypes: [] })),
  "eventTypes holds numbers": fails(say.eachOurs({ eventTypes: [1, {}] })),
  "2,000 event types": gaps(
    say.eachOurs({ eventTypes: Array.from({ length: 2_000 }, (_, n) => `e.${n}`) }),
  ),
  "event types hold control characters": gaps(say.eachOurs({ eventTypes: [odd] })),
  "the state is an unknown word": gaps(say.each({ state: "perhaps" })),
  "the state is a list": fails(say.eachOurs({ state: [] })),
  "all is disabled": gaps(say.each({ state: "disabled" })),
  "the retry policy is nonsense": say.each({
    retryPolicy: { retryCount: -1, retryInterval: odd, retryOnTimeout: 1 },
  }),
};

const anyAnswer = {
  "HTML with 200": say.answer(200, html, { "content-type": "text/html" }),
  "HTML that is called JSON": say.answer(200, html),
  "nothing with 200": say.answer(200, ""),
  "204": say.answer(204, ""),
  "206, the first half": say.half(206),
  "200, the first half": say.half(200),
  null: say.answer(200, "null"),
  "a list of lists, 100,000 deep": say.answer(200, deep(100_000)),
  "NUL characters": say.answer(200, "\u0000".repeat(1000)),
  "a byte order mark": say.replace(/^/, "\ufeff"),
  "302 to another host": say.answer(302, "", { location: evil }),
  "304": say.answer(304, ""),
  "400 with control characters": say.answer(400, { message: odd, errors: [{ field: odd, message: odd }] }),
  "401 for ever": say.answer(401, { message: "no" }),
  "403": say.answer(403, { message: "no" }),
  "404": doubles(say.answer(404, { message: "no" })),
  "404, once": doubles(say.once(say.answer(404, { message: "no" }))),
  "410": say.answer(410, { message: "no" }),
  "429 for ever": say.answer(429, {}),
  "500 for ever": say.answer(500, html),
  "599": say.answer(599, odd),
  "999": say.answer(999, ""),
  "status 0": say.answer(0, ""),
  "status NaN": say.answer(Number.NaN, ""),
};

const reads = {
  "another resource": say.put({ id: "s1000" }),
  "always as it was first": say.first,
  "another owner's by now": say.replace(/\(default\)/g, "(others)"),
  "without event types": say.put({ eventTypes: [], topicName: "" }),
  disabled: say.put({ state: "disabled", enabled: false, intendedState: "DISABLED" }),
  "a version of 2^53": say.put({ version: 2 ** 53 }),
};

const notDone = {
  "200 and nothing": say.answer(200, ""),
  "202": say.answer(202, {}),
  "204": say.answer(204, ""),
  "301 to another host": fails(say.answer(301, "", { location: evil })),
  "307 to another host": fails(say.answer(307, "", { location: "//evil.example.com/" })),
  "400 for no reason": fails(say.answer(400, {})),
  "400 that repeats the token": fails(say.repeating(400, (token) => ({ message: token }))),
  "400 with the token as its correlation id": fails(say.repeating(400, (token) => ({ contextId: token }))),
  "401 for ever": fails(say.answer(401, {})),
  "403": fails(say.answer(403, {})),
  "404": say.answer(404, {}),
  "409, and nothing is there": fails(say.answer(409, { message: "conflict" })),
  "409, once": say.once(say.answer(409, { message: "conflict" })),
  "412": fails(say.answer(412, { message: "version" })),
  "413": fails(say.answer(413, "")),
  "422 with odd errors": fails(
    say.answer(422, { message: odd, errors: [null, 1, { field: odd, message: odd }, {}] }),
  ),
  "422 with 10,000 errors": fails(
    say.answer(422, { errors: Array(10_000).fill({ field: "x", message: "y" }) }),
  ),
  "429 for ever": fails(say.answer(429, {})),
  "429 with Retry-After -1": fails(say.answer(429, {}, { "retry-after": "-1" })),
  "429 with Retry-After 1e99": fails(say.answer(429, {}, { "retry-after": "1e99" })),
  "429 with Retry-After 999999999": fails(say.answer(429, {}, { "retry-after": "999999999" })),
  "429 until 1970": fails(say.answer(429, {}, { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" })),
  "429 until 2099": fails(say.answer(429, {}, { "retry-after": "Thu, 01 Jan 2099 00:00:00 GMT" })),
  "500 for ever": fails(say.answer(500, html)),
  "503 with Retry-After 1e99": fails(say.answer(503, "", { "retry-after": "1e99" })),
  "said to be done": say.pretend,
};

const done = {
  "500": say.doneBut(say.answer(500, html)),
  "408": say.doneBut(say.answer(408, "")),
  "404": say.doneBut(say.answer(404, {})),
  "409": say.doneBut(say.answer(409, {})),
  "400": doubles(say.doneBut(say.answer(400, {}))),
  HTML: say.doneBut(say.answer(200, html, { "content-type": "text/html" })),
  "302": doubles(say.doneBut(say.answer(302, "", { location: evil }))),
  "done once more": doubles(say.twice),
};

const stored = {
  "with the id of a stranger": say.put({ id: "s1000" }),
  "with an id that leads elsewhere": say.put({ id: "../../x" }),
  "with an id of control characters": say.put({ id: odd }),
  "with another name": say.put({ name: odd }),
  "with another endpoint": say.put({ endpoint: evil, target: { type: "Workflow", id: "x" } }),
  "without event types": say.put({ eventTypes: [], topicName: "" }),
  "as null": say.change(() => null),
  "with another owner's marker": say.replace(/\(default\)/g, "(others)"),
  "with a __proto__": asHonest(say.replace(/^\{/, '{"__proto__":{"id":"s1000"},')),
};

const integrations = {
  "intendedState is nonsense": say.put({ intendedState: "PERHAPS" }),
  "it never becomes active": say.put({ reportedState: { code: "ACTIVATING" } }),
  "it reports an error of control characters": say.put({
    reportedState: { code: "ERROR", detail: { message: odd } },
  }),
  "reportedState is missing": say.put({ reportedState: undefined }),
  "on and off by turns": say.change((body, { count }) => ({
    ...body,
    intendedState: count % 2 ? "ENABLED" : "DISABLED",
  })),
  "versions go backwards": say.change((body, { count }) => say.atVersion(body, -count)),
  "the version is 2^53": say.change((body) => say.atVersion(body, 2 ** 53)),
  "config/current is of another account": say.change((body) => say.ofAccount(body, "999999999999")),
  "config/current is null": say.below("/config/", say.answer(200, "null")),
  "config/current is not found": say.below("/config/", say.answer(404, {})),
};

const listedIntegrations = {
  "configurations are empty": doubles(say.each({ config: { current: {} } })),
  "configurations are missing": asHonest(say.each({ config: undefined })),
  "all are of another type": doubles(say.each({ integrationType: { id: "webhook" } })),
  "all are of no type": asHonest(say.each({ integrationType: undefined })),
};

const listedTriggers = {
  "the version is text": fails(say.eachOurs({ version: "1" })),
  "the version is an old one": say.each({ version: 0 }),
  "the topic is another one": gaps(doubles(say.eachOurs({ topicName: "v2.x" }))),
  "the target is no workflow": gaps(doubles(say.each({ target: { type: "Robot", id: odd } }))),
  "matchCriteria are nonsense": say.eachOurs({ matchCriteria: [null, 1, { operator: {} }] }),
  "all is disabled": gaps(say.each({ enabled: false })),
};

const tokens = {
  none: refused(say.answer(200, {})),
  null: refused(say.answer(200, "null")),
  "a number": refused(say.answer(200, { access_token: 1, expires_in: 100 })),
  "with a line break": refused(say.answer(200, { access_token: "a\r\nX-Evil: 1", expires_in: 100 })),
  "of NUL characters": refused(say.answer(200, { access_token: "\u0000\u0000", expires_in: 100 })),
  "of 100,000 characters": refused(say.answer(200, { access_token: "t".repeat(100_000), expires_in: 100 })),
  "for 0 s": refused(say.put({ expires_in: 0 })),
  "for -1 s": refused(say.put({ expires_in: -1 })),
  "for NaN s": refused(say.replace(/"expires_in":\d+/, `"expires_in":NaN`)),
  "for 1e999 s": refused(say.replace(/"expires_in":\d+/, `"expires_in":1e999`)),
  "for 1e99 s": asHonest(say.put({ expires_in: 1e99 })),
  "for 1 s": asHonest(say.put({ expires_in: 1 })),
  "for text": refused(say.put({ expires_in: "86400" })),
  "as HTML": refused(say.answer(200, html)),
  "100,000 deep": refused(say.answer(200, deep(100_000))),
  "302 to another host": refused(say.answer(302, "", { location: evil })),
  "400 that repeats the credentials": refused(
    say.repeating(400, (error) => ({ error, error_description: error })),
  ),
  "401": refused(say.answer(401, odd)),
  "429 with Retry-After 1e99": refused(say.answer(429, {}, { "retry-after": "1e99" })),
  "429 with Retry-After 299, for ever": refused(say.answer(429, {}, { "retry-after": "299" })),
  "500 for ever": refused(say.answer(500, html)),
  "one that the platform does not know": refused(say.put({ access_token: "unknown-token" })),
};

const limit = (allowed: string, count: string, reset: string): Lie =>
  say.headers({
    "inin-ratelimit-allowed": allowed,
    "inin-ratelimit-count": count,
    "inin-ratelimit-reset": reset,
  });

const headers = {
  "the rate limit is 0": asHonest(limit("0", "9", "60")),
  "the rate limit is -1": asHonest(limit("-1", "-9", "-60")),
  "the rate limit is 1e99": asHonest(limit("1e99", "1e99", "1e99")),
  "the rate limit is nonsense": asHonest(limit(odd, "", "NaN")),
  "the window ends in 999999999 s": asHonest(limit("1", "999999999", "999999999")),
  "the window is always used up": limit("300", "300", "60"),
  "Date is 1970": asHonest(say.headers({ date: "Thu, 01 Jan 1970 00:00:00 GMT" })),
  "Date is 2099": asHonest(say.headers({ date: "Thu, 01 Jan 2099 00:00:00 GMT" })),
  "Date is nonsense": asHonest(say.headers({ date: odd })),
  "Retry-After with 200": asHonest(say.headers({ "retry-after": "299" })),
  "the type is HTML": asHonest(say.headers({ "content-type": "text/html; charset=utf-16" })),
  "the type is nonsense": asHonest(say.headers({ "content-type": odd })),
  "the correlation id is nonsense": asHonest(say.headers({ "inin-correlation-id": odd })),
  "a location with 200": asHonest(say.headers({ location: evil })),
  "the length is wrong": asHonest(say.headers({ "content-length": "1" })),
};

const [webhook, integration, trigger] = ["https:", "eventbridge:", "workflow:"];

export const lieRows: readonly LieRow[] = [
  ...rows("list", lists, { isCrowded: true }),
  ...rows("list", { ...bodies, ...anyAnswer }),
  ...rows("list", listed, { prefix: "listed" }),
  ...rows("list", listedWebhooks, { prefix: "listed webhooks", of: webhook }),
  ...rows("list", listedIntegrations, { prefix: "listed integrations", of: integration }),
  ...rows("list", listedTriggers, { prefix: "listed triggers", of: trigger }),
  ...rows("read", { ...anyAnswer, ...reads }),
  ...rows("read", integrations, { prefix: "integration", of: integration }),
  ...(["create", "update", "delete"] as const).flatMap((on) => [
    ...rows(on, notDone, { prefix: `${on}, not done` }),
    ...rows(on, done, { prefix: `${on}, done` }),
  ]),
  ...(["create", "update"] as const).flatMap((on) => rows(on, stored, { prefix: `${on}, answered` })),
  ...rows("token", tokens),
  ...rows("any", headers, { prefix: "headers" }),
];
