// Reads all pages of a list, and reads them again if they do not show as much as the platform counts.
import { mapConcurrently } from "../lib/map-concurrently.ts";
import type { Kind } from "../model/kind.ts";
import type { UnreadResource } from "../model/listing.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import type { ApiAnswer } from "./client/parse-answer.ts";
import { makeListLimits } from "./list-limits.ts";
import { expected, isCount, type Parsed } from "./parsed.ts";
import { distinctUnread, readEntities, type Entities } from "./read-entity.ts";

/** The largest page that the platform allows. */
export const pageSize = 100;
/** How many pages are read at once: enough to hide the latency, few enough for the rate limit. */
const pageConcurrency = 4;
export const maxPages = 1_000;
/** A list whose readings differ is read this many times at most. */
export const maxListings = 3;

export interface Collection<T> {
  readonly kind: Kind;
  /** The path without a query. */
  readonly path: string;
  /** A query beside that for the page, such as `integrationType=…`. */
  readonly query?: string;
  /** The entities' name in the plural, for messages. */
  readonly nouns: string;
  /** Null for an entity that the list leaves out. */
  readonly parse: (entity: unknown) => Parsed<T | null>;
  /** Returns whether the platform counts more in this total than the query selects, so that the list hides nothing. */
  readonly countsOthers?: (total: number) => Promise<boolean>;
}

export interface Page<T> extends Entities<T> {
  /** How many entities were left out, or show no id. */
  readonly others: number;
  /** The number of entities in the whole list. */
  readonly total: number;
  /** 0 if the platform does not report it. */
  readonly pageCount: number;
}

/** A whole list, each entity once by id, also those that cannot be read. */
export interface ReadList<T> extends Entities<T> {
  /** How many entities the platform counts but does not show; 0 if it shows all of them. */
  readonly hidden: number;
}

/**
 * A list that shows all that it counts takes `max(1, ceil(total / 100))` requests. A list that counts more is read twice,
 * and believed if both readings agree; it is read once if the platform counts other entities in its total. Throws
 * `api/unstableList` if no two readings in a row agree; else as the client does.
 */
export async function listPages<T extends { readonly id: string }>(
  api: Pick<Api, "request">,
  collection: Collection<T>,
): Promise<ReadList<T>> {
  let before: Reading<T> | null = null;
  for (let listing = 1; listing <= maxListings; listing += 1) {
    const reading: Reading<T> = joinPages(await readPages(api, collection));
    const { found, unread, shown, total, isOfOneTotal } = reading;
    if (isOfOneTotal) {
      const isWhole = total <= shown || (!before && (await collection.countsOthers?.(total)));
      if (isWhole) return { found, unread, hidden: 0 };
      if (before && isSameReading(before, reading)) return { found, unread, hidden: total - shown };
    }
    before = reading;
  }
  throw new ReconcileError(
    "api/unstableList",
    `GET ${collection.path}: the list changed each of the ${maxListings} times that it was read`,
    { hint: `someone else is creating or deleting ${collection.nouns}: try again when they are done` },
  );
}

interface Reading<T> extends Entities<T> {
  readonly ids: ReadonlySet<string>;
  /** How many entities the pages showed, with those that the list leaves out. */
  readonly shown: number;
  readonly total: number;
  /** False if the pages disagree about the total: the list changed while it was read. */
  readonly isOfOneTotal: boolean;
}

function joinPages<T extends { readonly id: string }>(pages: readonly Page<T>[]): Reading<T> {
  const byId = new Map<string, T>();
  for (const entity of pages.flatMap((page) => page.found)) {
    if (!byId.has(entity.id)) byId.set(entity.id, entity);
  }
  const unread = distinctUnread(
    pages.flatMap((page) => page.unread),
    new Set(byId.keys()),
  );
  const ids = new Set([...byId.keys(), ...unread.flatMap(({ id }) => id ?? [])]);
  const others = pages.reduce((sum, page) => sum + page.others, 0);
  const total = pages[0]?.total ?? 0;
  const isOfOneTotal = pages.every((page) => page.total === total);
  return { found: [...byId.values()], unread, ids, shown: ids.size + others, total, isOfOneTotal };
}

/** A deletion during a reading moves an entity to a page that was already read, so the two readings would differ. */
function isSameReading(before: Reading<unknown>, now: Reading<unknown>): boolean {
  if (!before.isOfOneTotal || before.total !== now.total || before.shown !== now.shown) return false;
  return [...now.ids].every((id) => before.ids.has(id));
}

function showsId({ id }: UnreadResource): boolean {
  return id !== null;
}

async function readPages<T>(api: Pick<Api, "request">, collection: Collection<T>): Promise<Page<T>[]> {
  const count = makeListLimits(collection);
  const read = (number: number): Promise<Page<T>> => readPage(api, collection, { number, count });
  const first = await read(1);
  const pageCount = Math.max(first.pageCount, Math.ceil(first.total / pageSize));
  if (pageCount > maxPages) {
    const { path, nouns } = collection;
    const message = `GET ${path}: ${pageCount} pages of ${nouns}, the limit is ${maxPages}`;
    throw new ReconcileError("api/tooManyPages", message);
  }
  const numbers = Array.from({ length: pageCount - 1 }, (_, index) => index + 2);
  return [first, ...(await mapConcurrently(numbers, pageConcurrency, read))];
}

async function readPage<T>(
  api: Pick<Api, "request">,
  collection: Collection<T>,
  { number, count }: { readonly number: number; readonly count: (page: ApiAnswer) => void },
): Promise<Page<T>> {
  const { path, query } = collection;
  const more = query === undefined ? "" : `&${query}`;
  const answer = await api.request("GET", `${path}?pageSize=${pageSize}&pageNumber=${number}${more}`);
  count(answer);
  const page = parsePage(answer.body, collection);
  if (page.ok) return page.value;
  throw new ReconcileError("api/malformed", `GET ${path}: expected ${page.expected}`);
}

export function parsePage<T>(body: unknown, { kind, nouns, parse }: Collection<T>): Parsed<Page<T>> {
  if (!isObject(body)) return expected(`a JSON object with a page of ${nouns}`);
  const { entities, total } = body;
  const pageCount = body["pageCount"] ?? 0;
  if (!Array.isArray(entities)) return expected("entities to be an array");
  if (!isCount(total)) return expected("total to be a whole number");
  if (!isCount(pageCount)) return expected("pageCount to be a whole number");
  const read = readEntities(entities, { kind, parse });
  const others = entities.length - read.found.length - read.unread.filter(showsId).length;
  return { ok: true, value: { ...read, others, total, pageCount } };
}
