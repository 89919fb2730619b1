// Endpoints with https: the resource `/api/v2/webhooks`, read and written with every field checked.
import PQueue from "p-queue";
import { ReconcileError } from "../model/errors.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import type { Api } from "./client/api.ts";
import type { Driver } from "./driver.ts";
import { isWebhookId, parsePage, parseWebhook, type Page } from "./webhook-shape.ts";

const collectionPath = "/api/v2/webhooks";
/** The most that the platform gives at once. */
const pageSize = 100;
/** Pages under way at once: enough to hide the latency, few enough to leave the rate limit alone. */
const pageConcurrency = 4;
/** 100,000 webhooks: beyond any organisation, and three minutes of the rate limit. */
const maxPages = 1_000;
/** A list that changes while it is read is read again; one that never rests is somebody else's problem. */
const maxListings = 3;

export function makeWebhooksDriver(api: Pick<Api, "request">): Driver {
  return {
    list: () => listAll(api),
    read: async (id) => {
      const path = pathOf(id);
      const answer = await orNotFound(api.request("GET", path));
      if (!answer) return null;
      const webhook = parseWebhook(answer.body);
      if (webhook.ok) return webhook.value;
      throw new ReconcileError("api/malformed", `GET ${path}: expected ${webhook.expected}`);
    },
    create: async (document) => {
      const { body } = await api.request("POST", collectionPath, document);
      return parseStored(body, `POST ${collectionPath}`);
    },
    update: async (id, document) => {
      const path = pathOf(id);
      const { body } = await api.request("PUT", path, document);
      return parseStored(body, `PUT ${path}`);
    },
    delete: async (id) => {
      await orNotFound(api.request("DELETE", pathOf(id)));
    },
  };
}

async function orNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ReconcileError && error.code === "api/notFound") return null;
    throw error;
  }
}

/** `max(1, ceil(N / 100))` requests while nobody changes anything. */
async function listAll(api: Pick<Api, "request">): Promise<readonly LiveWebhook[]> {
  for (let listing = 1; listing <= maxListings; listing += 1) {
    const pages = await readPages(api);
    const found = new Map<string, LiveWebhook>();
    for (const webhook of pages.flatMap((page) => page.webhooks)) {
      if (!found.has(webhook.id)) found.set(webhook.id, webhook);
    }
    if (isWhole(pages, found.size)) return [...found.values()];
  }
  throw new ReconcileError(
    "api/unstableList",
    `GET ${collectionPath}: the list changed each of the ${maxListings} times that it was read`,
    { hint: "someone else is creating or deleting webhooks: try again when they are done" },
  );
}

/** A webhook deleted while pages are read moves the next page's first one to where nobody looks again. */
function isWhole(pages: readonly Page[], found: number): boolean {
  return pages.every((page) => page.total === pages[0]?.total && page.total <= found);
}

async function readPages(api: Pick<Api, "request">): Promise<Page[]> {
  const first = await readPage(api, 1);
  const pageCount = Math.max(first.pageCount, Math.ceil(first.total / pageSize));
  if (pageCount > maxPages) {
    const message = `GET ${collectionPath}: ${pageCount} pages of webhooks, the limit is ${maxPages}`;
    throw new ReconcileError("api/tooManyPages", message);
  }
  const queue = new PQueue({ concurrency: pageConcurrency });
  const numbers = Array.from({ length: pageCount - 1 }, (_, index) => index + 2);
  try {
    return [first, ...(await queue.addAll(numbers.map((number) => () => readPage(api, number))))];
  } finally {
    // After a failure, whatever has not been asked for is not asked for.
    queue.clear();
  }
}

async function readPage(api: Pick<Api, "request">, pageNumber: number): Promise<Page> {
  const path = `${collectionPath}?pageSize=${pageSize}&pageNumber=${pageNumber}`;
  const { body } = await api.request("GET", path);
  const page = parsePage(body);
  if (page.ok) return page.value;
  throw new ReconcileError("api/malformed", `GET ${collectionPath}: expected ${page.expected}`);
}

/** An unreadable answer to a write that went well leaves open what is stored now. */
function parseStored(body: unknown, request: string): LiveWebhook {
  const stored = parseWebhook(body);
  if (stored.ok) return stored.value;
  const cause = new ReconcileError("api/malformed", `${request}: expected ${stored.expected}`);
  const message = `${request}: sent, but whether it took effect is unknown: expected ${stored.expected}`;
  throw new ReconcileError("api/outcomeUnknown", message, { cause });
}

/** Also of an id from a saved plan: `..` would be another address. */
function pathOf(id: string): string {
  if (!isWebhookId(id)) throw new ReconcileError("api/invalidId", `${JSON.stringify(id)} is no webhook id`);
  return `${collectionPath}/${encodeURIComponent(id)}`;
}
