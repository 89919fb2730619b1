// A resource's name and description show its owner. Both are functions of the manifest alone, so the same resource has
// the same name in every run and on every machine, and can be found again by it.
import { sha256Hex } from "../lib/hash.ts";
import type { Kind } from "./kind.ts";
import type { NameForm } from "./kind-words.ts";
import type { Subscription } from "./subscription.ts";

export interface Ownership {
  /** The consumer group that the description names; null if it names none. */
  readonly group: string | null;
  /** The owner in the marker that ends the description; null without a marker. */
  readonly owner: string | null;
}

const groupField = "Consumer group: ";
const stateFileField = "Offset tracking: ";
const separator = " | ";
const marker = /(?:^| \| )Managed by: reconcile \(([A-Za-z0-9._-]{1,63})\)$/;

/** Names a resource by its endpoint; by its event type if each event type has a resource, whose endpoint may change. */
export function resourceName(
  kind: Naming,
  group: string,
  { endpoint, eventTypes }: { readonly endpoint: string; readonly eventTypes: readonly string[] },
): string {
  return nameOf(kind, group, kind.granularity === "eventType" ? (eventTypes[0] ?? "") : endpoint);
}

type Naming = Pick<Kind, "granularity" | "names">;

/** Returns `<group>-<8 hex>`. */
export function webhookName(group: string, endpoint: string): string {
  return nameOf({}, group, endpoint);
}

/** Returns the name of one part of an endpoint. Parts are numbered from 1; the first is named like an only resource. */
export function partName(
  kind: Naming,
  group: string,
  { endpoint, number }: { readonly endpoint: string; readonly number: number },
): string {
  return nameOf(kind, group, number === 1 ? endpoint : `${endpoint}\n${number}`);
}

function nameOf({ names }: Pick<Kind, "names">, group: string, hashed: string): string {
  return `${nameStart(group, names)}-${sha256Hex(`${group}\n${hashed}`).slice(0, hexDigits)}`;
}

const hexDigits = 8;

/** Two groups may begin alike; the digits, which are made of the whole group, differ. */
function nameStart(group: string, names: NameForm | undefined): string {
  if (!names) return group;
  return group.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, names.longest - hexDigits - 1);
}

/** No endpoint has more parts than this. */
const maxParts = 1000;

/** Returns the number of the part that has this name; null if none has. */
export function partNumber(
  kind: Naming,
  group: string,
  { endpoint, name }: { readonly endpoint: string; readonly name: string },
): number | null {
  if (!name.startsWith(`${nameStart(group, kind.names)}-`)) return null;
  for (let number = 1; number <= maxParts; number += 1)
    if (partName(kind, group, { endpoint, number }) === name) return number;
  return null;
}

export function webhookDescription(subscription: Subscription, owner: string): string {
  const { group, kind, offsetTracking } = subscription;
  const { stateFile } = offsetTracking;
  return [
    `${groupField}${group}`,
    ...(stateFile === null || kind.describesGroupAlone ? [] : [`${stateFileField}${stateFile}`]),
    `Managed by: reconcile (${owner})`,
  ].join(separator);
}

/** Returns the description of a resource that all groups of an owner share; the resource is found again by it. */
export function sharedDescription(title: string, owner: string): string {
  return [title, `Managed by: reconcile (${owner})`].join(separator);
}

/** True if the live resource is the one that an owner's resources of the kind share. */
export function isSharedBy(
  { shared }: Kind,
  live: { readonly kind: Kind; readonly owner: string | null; readonly description: string },
): boolean {
  if (live.kind !== shared?.kind || live.owner === null) return false;
  return live.description === sharedDescription(shared.title, live.owner);
}

export function readOwnership(description: string): Ownership {
  const start = description.indexOf(groupField);
  const rest = start < 0 ? "" : description.slice(start + groupField.length);
  const end = rest.indexOf(separator);
  const group = end < 0 ? rest : rest.slice(0, end);
  return { group: group === "" ? null : group, owner: marker.exec(description)?.[1] ?? null };
}

/** Returns the consumer group that a document's description names; null if it names none. */
export function groupOf({ description }: { readonly description: string }): string | null {
  return readOwnership(description).group;
}

/** Returns the owner in the marker that ends a document's description; null without a marker. */
export function ownerOf({ description }: { readonly description: string }): string | null {
  return readOwnership(description).owner;
}

/** Returns a description without the marker that ends it. */
export function withoutMarker(description: string): string {
  return description.replace(marker, "");
}

/** Returns the offset file that a resource's description names; null if it names none. */
export function stateFileOf({ description }: { readonly description: string }): string | null {
  const field = description.split(separator).find((part) => part.startsWith(stateFileField));
  return field === undefined || field === stateFileField ? null : field.slice(stateFileField.length);
}
