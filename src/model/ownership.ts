// How a webhook says whose it is: its name and its description. Both are functions of the manifest alone, so the
// same webhook has the same name in every run and on every machine, and is found again by it.
import { sha256Hex } from "../lib/hash.ts";
import { kindOf } from "./resource-kind.ts";
import type { Subscription } from "./subscription.ts";

export interface Ownership {
  /** The consumer group that the description names; null where it names none. */
  readonly group: string | null;
  /** The owner in the marker that ends the description; null without a marker. */
  readonly owner: string | null;
}

const groupField = "Consumer group: ";
const stateFileField = "Offset tracking: ";
const separator = " | ";
const marker = /(?:^| \| )Managed by: reconcile \(([A-Za-z0-9._-]{1,63})\)$/;

/** Of a webhook by its endpoint; of a trigger, which may move, by its event type. */
export function resourceName(
  group: string,
  { endpoint, eventTypes }: { readonly endpoint: string; readonly eventTypes: readonly string[] },
): string {
  const isByEndpoint = kindOf(endpoint).granularity === "endpoint";
  return webhookName(group, isByEndpoint ? endpoint : (eventTypes[0] ?? ""));
}

/** `<group>-<8 hex>`. */
export function webhookName(group: string, endpoint: string): string {
  return `${group}-${sha256Hex(`${group}\n${endpoint}`).slice(0, 8)}`;
}

export function webhookDescription(subscription: Subscription, owner: string): string {
  const { group, offsetTracking } = subscription;
  return [
    `${groupField}${group}`,
    `${stateFileField}${offsetTracking.stateFile}`,
    `Managed by: reconcile (${owner})`,
  ].join(separator);
}

export function readOwnership(description: string): Ownership {
  const start = description.indexOf(groupField);
  const group = start < 0 ? "" : (description.slice(start + groupField.length).split(separator)[0] ?? "");
  return { group: group === "" ? null : group, owner: marker.exec(description)?.[1] ?? null };
}

/** The offset file that a description names; null where it names none. */
export function readStateFile(description: string): string | null {
  const field = description.split(separator).find((part) => part.startsWith(stateFileField));
  return field === undefined || field === stateFileField ? null : field.slice(stateFileField.length);
}
