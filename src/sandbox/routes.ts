// All requests that the sandbox answers, except those for a token.
import type { ApiCall } from "./call.ts";
import {
  createIntegration,
  deleteIntegration,
  listIntegrations,
  patchIntegration,
  readConfiguration,
  readIntegration,
  replaceConfiguration,
} from "./integrations.ts";
import type { Answer } from "./messages.ts";
import { listTopics } from "./topics.ts";
import { createTrigger, deleteTrigger, listTriggers, readTrigger, replaceTrigger } from "./triggers.ts";
import { createWebhook, deleteWebhook, listWebhooks, readWebhook, replaceWebhook } from "./webhooks.ts";

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (call: ApiCall, id: string) => Answer;
}

const table: readonly (readonly [method: string, path: string, answer: Route["answer"]])[] = [
  ["GET", "/webhooks", listWebhooks],
  ["POST", "/webhooks", createWebhook],
  ["GET", "/webhooks/{id}", readWebhook],
  ["PUT", "/webhooks/{id}", replaceWebhook],
  ["DELETE", "/webhooks/{id}", deleteWebhook],
  ["GET", "/integrations", listIntegrations],
  ["POST", "/integrations", createIntegration],
  ["GET", "/integrations/{id}", readIntegration],
  ["PATCH", "/integrations/{id}", patchIntegration],
  ["DELETE", "/integrations/{id}", deleteIntegration],
  ["GET", "/integrations/{id}/config/current", readConfiguration],
  ["PUT", "/integrations/{id}/config/current", replaceConfiguration],
  ["GET", "/processautomation/triggers", listTriggers],
  ["POST", "/processautomation/triggers", createTrigger],
  ["GET", "/processautomation/triggers/{id}", readTrigger],
  ["PUT", "/processautomation/triggers/{id}", replaceTrigger],
  ["DELETE", "/processautomation/triggers/{id}", deleteTrigger],
  ["GET", "/notifications/availabletopics", listTopics],
];

export const routes: readonly Route[] = table.map(([method, path, answer]) => ({
  method,
  path: new RegExp(`^/api/v2${path.replace("{id}", "([^/]+)")}$`),
  answer,
}));
