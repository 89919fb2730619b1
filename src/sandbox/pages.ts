// Answers with a part of a list, by page number or by cursor.
import { refuseQuery, type ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";

// Documented page sizes.
const defaultPageSize = 25;
const maxPageSize = 100;
const maxCursorSize = 200;
/** Larger than any list needs, and small enough that its product with a page size is exact. */
const maxPageNumber = 1_000_000_000;

/** `total` may count more than the list shows. */
export function listPage(
  call: ApiCall,
  path: string,
  { all, total = all.length }: { readonly all: readonly unknown[]; readonly total?: number },
): Answer {
  const pageSize = parseWhole(call.query.get("pageSize") ?? String(defaultPageSize), maxPageSize);
  if (pageSize === undefined) return refuseQuery(call, `pageSize must be from 1 to ${maxPageSize}`);
  const pageNumber = parseWhole(call.query.get("pageNumber") ?? "1", maxPageNumber);
  if (pageNumber === undefined) return refuseQuery(call, `pageNumber must be from 1 to ${maxPageNumber}`);

  const pageCount = Math.ceil(total / pageSize);
  const uriOf = (page: number) => `${path}?pageSize=${pageSize}&pageNumber=${page}`;
  const json = {
    entities: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageNumber,
    pageSize,
    total,
    pageCount,
    ...(pageNumber < pageCount ? { nextUri: uriOf(pageNumber + 1) } : {}),
    selfUri: uriOf(pageNumber),
  };
  return { status: 200, json };
}

/**
 * Lists in the order of ids, or of names. The query's `after` is the last id of the page before, which may be deleted
 * by now.
 */
export function listFromCursor(call: ApiCall, path: string, all: readonly Listed[]): Answer {
  const pageSize = parseWhole(call.query.get("pageSize") ?? String(defaultPageSize), maxCursorSize);
  if (pageSize === undefined) return refuseQuery(call, `pageSize must be from 1 to ${maxCursorSize}`);
  const after = call.query.get("after");
  const inOrder = all.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const left = after === null ? inOrder : inOrder.filter((one) => idOf(one) > after);
  const entities = left.slice(0, pageSize);
  const last = entities.at(-1);
  const isMore = left.length > entities.length && last !== undefined;
  const next = isMore
    ? { nextUri: `${path}?pageSize=${pageSize}&after=${encodeURIComponent(idOf(last))}` }
    : {};
  const selfUri = `${path}?pageSize=${pageSize}${after === null ? "" : `&after=${encodeURIComponent(after)}`}`;
  return { status: 200, json: { entities, ...next, selfUri } };
}

type Listed = string | { readonly id: string };

function idOf(one: Listed): string {
  return typeof one === "string" ? one : one.id;
}

/** The whole number from 1 to `most` that the text spells in digits, or undefined. */
function parseWhole(text: string, most: number): number | undefined {
  const value = Number(text);
  return /^[1-9]\d*$/.test(text) && value <= most ? value : undefined;
}
