// Reads and writes webhooks (endpoints with https:) at `/api/v2/webhooks`, and checks every field of an answer.
import { webhook } from "./kind.ts";
import type { Driver, DriverPorts } from "../../genesys/driver.ts";
import { listPages } from "../../genesys/list-pages.ts";
import { believe, believeStored, orNotFound, pathOf, type Parsed } from "../../genesys/parsed.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import { findRepeated, parseWebhook, webhookCollection, type Repeated } from "./shape.ts";

const { path } = webhook;

export function makeWebhooksDriver({ api }: Pick<DriverPorts, "api">): Driver {
  const gone = new Set<string>();
  const repeated = new Map<string, Repeated>();
  const parse = (body: unknown): Parsed<LiveResource> => {
    const its = findRepeated(body);
    const parsed = parseWebhook(body, its);
    if (parsed.ok) repeated.set(parsed.value.id, its);
    return parsed;
  };
  return {
    list: async () => {
      const { found, unread, hidden } = await listPages(api, { ...webhookCollection, parse });
      return { live: found, unread, hidden };
    },
    read: async (id) => {
      const at = pathOf(path, id, "webhook");
      const answer = await orNotFound(api.request("GET", at));
      return answer && believe(parse(answer.body), `GET ${at}`);
    },
    create: async (document) => {
      const { body } = await api.request("POST", path, document);
      return believeStored(parse(body), `POST ${path}`);
    },
    update: async (id, document) => {
      const at = pathOf(path, id, "webhook");
      const { body } = await api.request("PUT", at, makeBody(document, repeated.get(id)));
      return believeStored(parse(body), `PUT ${at}`);
    },
    delete: async (id) => {
      const answer = await orNotFound(api.request("DELETE", pathOf(path, id, "webhook")));
      if (answer === null) gone.add(id);
    },
    found: (id) => (gone.has(id) ? "refused" : null),
  };
}

/** A PUT replaces the whole webhook. */
function makeBody(document: ResourceDocument, before: Repeated | undefined): object {
  const { retryPolicy } = document;
  const policy = retryPolicy && { retryPolicy: { ...before?.ofRetryPolicy, ...retryPolicy } };
  return { ...before?.ofWebhook, ...document, ...policy };
}
