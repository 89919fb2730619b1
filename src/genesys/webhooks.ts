// Endpoints with https: the resource `/api/v2/webhooks`, read and written with every field checked.
import { resourceKinds } from "../model/resource-kind.ts";
import type { Api } from "./client/api.ts";
import type { Driver } from "./driver.ts";
import { listPages } from "./list-pages.ts";
import { believe, believeStored, orNotFound, pathOf } from "./parsed.ts";
import { parseWebhook } from "./webhook-shape.ts";

const { path } = resourceKinds["https:"];

export const webhookCollection = { path, nouns: "webhooks", parse: parseWebhook };

export function makeWebhooksDriver(api: Pick<Api, "request">): Driver {
  return {
    list: () => listPages(api, webhookCollection),
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
      await orNotFound(api.request("DELETE", pathOf(path, id, "webhook")));
    },
  };
}
