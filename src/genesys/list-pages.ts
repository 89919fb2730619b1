// Reads all pages of a list, and reads them again if they do not show as much as the platform counts.
import PQueue from "p-queue";
import { ReconcileError } from "../model/errors.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import type { ApiAnswer } from "./client/parse-answer.ts";
import { makeListLimits } from "./list-limits.ts";
import { expected, isCount, isPresent, type Parsed } from "./parsed.ts";

/** The largest page that the platform allows. */
const pageSize = 100;
/** How many pages are read at once: enough to hide the latency, few enough for the rate limit. */
const pageConcurrency = 4;
export const maxPages = 1_000;
/** A list whose readings differ is read this many times at most. */
export const maxListings = 3;

export interface Collection<T> {
  /** The path without a query. */
  readonly path: string;
  /** A query beside that for the page, such as `integrationType=…`. */
  readonly query?: string;
  /** The entities' name in the plural, for messages. */
  readonly nouns: string;
  /** Null for an entity that the list leaves out. */
  readonly parse: (entity: unknown) => Parsed<T | null>;
}

export interface Page<T> {
  readonly entities: readonly T[];
  /** How many entities were left out. */
  readonly others: number;
  /** The number of entities in the whole list. */
  readonly total: number;
  /** 0 if the platform does not report it. */
  readonly pageCount: number;
}

/** A whole list, each entity once by id. */
export interface ReadList<T> {
  readonly entities: readonly T[];
  /** The number of entities that the platform counts. */
  readonly total: number;
  /** How many entities the platform counts but does not show; 0 if it shows all of them. */
  readonly hidden: number;
}

/**
 * A list that shows all that it counts takes `max(1, ceil(total / 100))` requests. A list that counts more is read twice,
 * and believed if both readings agree. Throws `api/unstableList` if no two readings in a row do; else as the client does.
 */
export async function listPages<T extends { readonly id: string }>(
  api: Pick<Api, "request">,
  collection: Collection<T>,
): Promise<ReadList<T>> {
  let before: Reading<T> | null = null;
  for (let listing = 1; listing <= maxListings; listing += 1) {
    const reading: Reading<T> = joinPages(await readPages(api, collection));
    const { entities, shown, total, isOfOneTotal } = reading;
    if (isOfOneTotal && (total <= shown || (before && isSameReading(before, reading))))
      return { entities: [...entities.values()], total, hidden: Math.max(0, total - shown) };
    before = reading;
  }
  throw new ReconcileError(
    "api/unstableList",
    `GET ${collection.path}: the list changed each of the ${maxListings} times that it was read`,
    { hint: `someone else is creating or deleting ${collection.nouns}: try again when they are done` },
  );
}

interface Reading<T> {
  /** By id. */
  readonly entities: ReadonlyMap<string, T>;
  /** How many entities the pages showed, with those that the list leaves out. */
  readonly shown: number;
  readonly total: number;
  /** False if the pages disagree about the total: the list changed while it was read. */
  readonly isOfOneTotal: boolean;
}

function joinPages<T extends { readonly id: string }>(pages: readonly Page<T>[]): Reading<T> {
  const entities = new Map<string, T>();
  for (const entity of pages.flatMap((page) => page.entities)) {
    if (!entities.has(entity.id)) entities.set(entity.id, entity);
  }
  const others = pages.reduce((sum, page) => sum + page.others, 0);
  const total = pages[0]?.total ?? 0;
  const isOfOneTotal = pages.every((page) => page.total === total);
  return { entities, shown: entities.size + others, total, isOfOneTotal };
}

/** A deletion during a reading moves an entity to a page that was already read, so the two readings would differ. */
function isSameReading(before: Reading<unknown>, now: Reading<unknown>): boolean {
  if (!before.isOfOneTotal || before.total !== now.total || before.shown !== now.shown) return false;
  return [...now.entities.keys()].every((id) => before.entities.has(id));
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
  const queue = new PQueue({ concurrency: pageConcurrency });
  const numbers = Array.from({ length: pageCount - 1 }, (_, index) => index + 2);
  try {
    return [first, ...(await queue.addAll(numbers.map((number) => () => read(number))))];
  } finally {
    // After a failure, the remaining pages are not requested.
    queue.clear();
  }
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

export function parsePage<T>(body: unknown, { nouns, parse }: Collection<T>): Parsed<Page<T>> {
  if (!isObject(body)) return expected(`a JSON object with a page of ${nouns}`);
  const { total } = body;
  const pageCount = body["pageCount"] ?? 0;
  const entities = parseEntities(body, parse);
  if (!entities.ok) return entities;
  if (!isCount(total)) return expected("total to be a whole number");
  if (!isCount(pageCount)) return expected("pageCount to be a whole number");
  const ours = entities.value.filter(isPresent);
  const others = entities.value.length - ours.length;
  return { ok: true, value: { entities: ours, others, total, pageCount } };
}

/** Parses the entities of a page, whether it was read by number or by cursor. */
export function parseEntities<T>(
  body: Readonly<Record<string, unknown>>,
  parse: (entity: unknown) => Parsed<T>,
): Parsed<readonly T[]> {
  const { entities } = body;
  if (!Array.isArray(entities)) return expected("entities to be an array");
  const found: T[] = [];
  for (const [index, entity] of entities.entries()) {
    const parsed = parse(entity);
    if (!parsed.ok) return expected(`${parsed.expected} (entities[${index}])`);
    found.push(parsed.value);
  }
  return { ok: true, value: found };
}
