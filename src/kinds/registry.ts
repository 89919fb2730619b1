// All kinds of resource that reconcile manages. A new kind is a folder beside this file, and a row here and in
// drivers.ts.
import { makeKinds } from "../model/kind.ts";
import { eventBridge } from "./eventbridge/kind.ts";
import { route } from "./route/kind.ts";
import { trigger } from "./trigger/kind.ts";
import { webhook } from "./webhook/kind.ts";

export const builtInKinds = makeKinds([webhook, eventBridge, trigger, route]);
