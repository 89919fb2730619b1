// Puts a lie between the client and the platform, and helps to write one in a line.
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import type { SandboxState } from "../../src/sandbox/state.ts";
import type { TestKind } from "../support/kinds.ts";
import type { Intercept } from "../support/world.ts";

/** Of a request for one kind; `write` is each of the last three, `any` each of all. */
export type Asked = "token" | "list" | "read" | "create" | "update" | "delete" | "write" | "any";

export interface Ask {
  readonly request: HttpRequest;
  /** Handles the request, once for each call. */
  readonly honest: () => HttpResponse;
  readonly state: SandboxState;
  readonly kind: TestKind;
  /** How many requests have matched so far, this one included. */
  readonly count: number;
  /** A lie keeps this from one request to the next. */
  readonly memory: Map<string, HttpResponse>;
}

export type Lie = (ask: Ask) => HttpResponse;

/** `at`: only the matching request of this number is answered with the lie; each of them if absent. */
export function lying(
  { on, lie }: { readonly on: Asked; readonly lie: Lie },
  { state, kind, at }: { readonly state: SandboxState; readonly kind: TestKind; readonly at?: number },
): { readonly intercept: Intercept; readonly told: () => number } {
  let count = 0;
  let told = 0;
  const memory = new Map<string, HttpResponse>();
  const intercept: Intercept = (request, honest) => {
    if (!matches(request, on, kind)) return honest();
    count += 1;
    if (at !== undefined && count !== at) return honest();
    told += 1;
    return lie({ request, honest, state, kind, count, memory });
  };
  return { intercept, told: () => told };
}

function matches(request: HttpRequest, on: Asked, kind: TestKind): boolean {
  const { pathname } = new URL(request.url);
  if (on === "any") return true;
  if (pathname === "/oauth/token") return on === "token";
  if (!pathname.startsWith(kind.path)) return false;
  const is = pathname === kind.path ? "list" : "read";
  const asked = { GET: is, POST: "create", PUT: "update", PATCH: "update", DELETE: "delete", OPTIONS: "" }[
    request.method
  ];
  return asked === on || (on === "write" && request.method !== "GET");
}

/** An answer's body, as far as lies know it. */
interface Body {
  readonly total: number;
  readonly entities: readonly Fields[];
  readonly config?: { readonly current: Fields };
  readonly properties?: Fields;
}
type Fields = Readonly<Record<string, unknown>>;

/** The honest answer with another body. */
export const change =
  (edit: (body: Body, ask: Ask) => unknown): Lie =>
  (ask) => {
    const found = ask.honest();
    if (found.status > 299 || found.body === "") return found;
    return { ...found, body: JSON.stringify(edit(JSON.parse(found.body) as Body, ask)) };
  };

/** The honest list with other entities. */
export const entities = (edit: (all: readonly Fields[], ask: Ask) => unknown): Lie =>
  change((body, ask) => ({ ...body, entities: edit(body.entities, ask) }));

/** The honest answer with these fields; undefined takes one away. */
export const put = (fields: object): Lie => change((body) => ({ ...body, ...fields }));

/** Each entity with these fields. */
export const each = (fields: object): Lie => entities((all) => all.map((one) => ({ ...one, ...fields })));

/** The same of what is ours in the list, and of nothing else. */
export const eachOurs = (fields: object): Lie =>
  entities((all) => all.map((one) => (JSON.stringify(one).includes(ours) ? { ...one, ...fields } : one)));

const ours = "Managed by: reconcile (default)";

/** The honest answer with another text in its body. */
export const replace =
  (pattern: RegExp | string, text: string): Lie =>
  ({ honest }) => {
    const found = honest();
    return { ...found, body: found.body.replace(pattern, () => text) };
  };

export const replaceAll =
  (part: string, text: string): Lie =>
  ({ honest }) => {
    const found = honest();
    return { ...found, body: found.body.replaceAll(part, () => text) };
  };

/** The first half of the honest answer. */
export const half =
  (status: number): Lie =>
  ({ honest }) => {
    const found = honest();
    return { ...found, status, body: found.body.slice(0, found.body.length / 2) };
  };

/** The honest answer with other headers. */
export const headers =
  (more: Readonly<Record<string, string>>): Lie =>
  ({ honest }) => {
    const found = honest();
    return { ...found, headers: { ...found.headers, ...more } };
  };

/** An answer without any effect. */
export const answer =
  (status: number, body: unknown, more: Readonly<Record<string, string>> = {}): Lie =>
  () => ({
    status,
    headers: { "content-type": "application/json", ...more },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** The same, of the token or the credentials that were sent. */
export const repeating =
  (status: number, body: (sent: string) => unknown): Lie =>
  (ask) => {
    const [, sent = ""] = (ask.request.headers["authorization"] ?? "").split(" ");
    return answer(status, body(sent), { "inin-correlation-id": sent })(ask);
  };

/** It takes effect, and the answer is another one. */
export const doneBut =
  (lie: Lie): Lie =>
  (ask) => {
    ask.honest();
    return lie(ask);
  };

/** It takes effect twice. */
export const twice: Lie = (ask) => {
  const first = ask.honest();
  ask.honest();
  return first;
};

/** Only the first time; after that the answers are honest. */
export const once =
  (lie: Lie): Lie =>
  (ask) =>
    ask.count === 1 ? lie(ask) : ask.honest();

/** Every other time. */
export const everyOther =
  (lie: Lie): Lie =>
  (ask) =>
    ask.count % 2 === 0 ? lie(ask) : ask.honest();

/** Only of an address with this part. */
export const below =
  (part: string, lie: Lie): Lie =>
  (ask) =>
    ask.request.url.includes(part) ? lie(ask) : ask.honest();

/** Always the first answer: of a list its first page, of a resource as it was first. */
export const first: Lie = (ask) => {
  const { pathname } = new URL(ask.request.url);
  const known = ask.memory.get(pathname) ?? ask.honest();
  ask.memory.set(pathname, known);
  return known;
};

/** An integration, or its configuration, at another version. */
export const atVersion = (body: Body, version: number): object => ({
  ...body,
  version,
  ...(body.config ? { config: { current: { ...body.config.current, version } } } : {}),
});

/** An integration's configuration, of another account. */
export const ofAccount = (body: Body, awsAccountId: string): object =>
  body.properties ? { ...body, properties: { ...body.properties, awsAccountId } } : body;

/** The answer to a write of which nothing is stored: all is put back right away. */
export const pretend: Lie = ({ honest, state }) => {
  const stores = [state.webhooks, state.integrations, state.triggers] as readonly Map<string, unknown>[];
  const before = stores.map((store) => new Map(store));
  const answered = honest();
  for (const [index, store] of stores.entries()) {
    store.clear();
    for (const [id, one] of before[index] ?? []) store.set(id, one);
  }
  return answered;
};
