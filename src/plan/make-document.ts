// The document that is sent for one resource of a group.
import { sortedSet } from "../model/document.ts";
import { kindKey } from "../model/kind.ts";
import { resourceName, webhookDescription } from "../model/ownership.ts";
import type { ResourceDocument } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";

export function makeDocument(
  desired: Subscription,
  given: { readonly url: string; readonly eventTypes: readonly string[]; readonly owner: string },
): ResourceDocument {
  const { url: endpoint, owner } = given;
  const eventTypes = sortedSet(given.eventTypes);
  const { kind } = desired;
  const document: ResourceDocument = {
    name: resourceName(kind, desired.group, { endpoint, eventTypes }),
    endpoint,
    eventTypes,
    retryPolicy: null,
    state: desired.state,
    description: webhookDescription(desired, owner),
    ...kindKey(kind, endpoint),
  };
  return kind.options ? { ...document, [kind.options.key]: desired[kind.options.key] } : document;
}
