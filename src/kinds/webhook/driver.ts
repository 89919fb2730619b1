// Reads and writes webhooks (endpoints with https:) at `/api/v2/webhooks`, and checks every field of an answer.
import { webhook } from "./kind.ts";
import type { Driver, DriverPorts } from "../../genesys/driver.ts";
import { listPages } from "../../genesys/list-pages.ts";
import { believe, believeStored, orNotFound, pathOf } from "../../genesys/parsed.ts";
import { parseWebhook, webhookCollection } from "./shape.ts";

const { path } = webhook;

export function makeWebhooksDriver({ api }: Pick<DriverPorts, "api">): Driver {
  const gone = new Set<string>();
  return {
    list: async () => {
      const { found, unread } = await listPages(api, webhookCollection);
      return { live: found, unread, hidden: 0 };
    },
    read: async (id) => {
      const at = pathOf(path, id, "webhook");
      const answer = await orNotFound(api.request("GET", at));
      return answer && believe(parseWebhook(answer.body), `GET ${at}`);
    },
    create: async (document) => {
      const { body } = await api.request("POST", path, document);
      return believeStored(parseWebhook(body), `POST ${path}`);
    },
    update: async (id, document) => {
      const at = pathOf(path, id, "webhook");
      const { body } = await api.request("PUT", at, document);
      return believeStored(parseWebhook(body), `PUT ${at}`);
    },
    delete: async (id) => {
      const answer = await orNotFound(api.request("DELETE", pathOf(path, id, "webhook")));
      if (answer === null) gone.add(id);
    },
    found: (id) => (gone.has(id) ? "refused" : null),
  };
}
