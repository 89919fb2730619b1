// The driver of each kind, which reads and writes its resources: one row a kind.
import type { MakeDriver } from "../genesys/driver.ts";
import type { Kind } from "../model/kind.ts";
import { makeEventBridgeDriver } from "./eventbridge/driver.ts";
import { eventBridge } from "./eventbridge/kind.ts";
import { makeRoutesDriver } from "./route/driver.ts";
import { route } from "./route/kind.ts";
import { makeTriggersDriver } from "./trigger/driver.ts";
import { trigger } from "./trigger/kind.ts";
import { makeWebhooksDriver } from "./webhook/driver.ts";
import { webhook } from "./webhook/kind.ts";

export const builtInDrivers: ReadonlyMap<Kind, MakeDriver> = new Map<Kind, MakeDriver>([
  [webhook, makeWebhooksDriver],
  [eventBridge, makeEventBridgeDriver],
  [trigger, makeTriggersDriver],
  [route, makeRoutesDriver],
]);
