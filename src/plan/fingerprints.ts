// Hashes of the state that a plan was made from, and the differences between that state and the present one.
import { canonicalJsonOfAny } from "../lib/canonical-json.ts";
import { compareText } from "../lib/compare.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { sha256Hex } from "../lib/hash.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import { ownerOf } from "../model/ownership.ts";
import { allOperations, type SharedWrites, type ToldOperation, type ToldPlan } from "../model/plan.ts";
import { kindKey, type Kinds } from "../model/kind.ts";
import { optionsKeys } from "../model/option-forms.ts";
import type {
  Fingerprints,
  KeyHashes,
  ManifestFingerprint,
  WebhookFingerprint,
} from "../model/saved-plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { UnreadResource } from "../model/listing.ts";
import type { LiveResource } from "../model/resource.ts";
import { sortedSet } from "../model/document.ts";

/** `plan` was made from `desired` and `live`, or was saved earlier and is now compared with them. */
export function makeFingerprints(
  plan: ToldPlan,
  desired: readonly Subscription[],
  live: readonly LiveResource[],
): Fingerprints {
  const groups = findConcerned(plan);
  const operations = allOperations(plan);
  const manifests = new Map(desired.map((subscription) => [subscription.group, subscription]));
  const creates = groupBy(
    operations.filter(({ before }) => !before),
    ({ name }) => name,
  );
  const written = new Set(operations.map(({ webhookId }) => webhookId));
  // A shared resource gets the event types of all its users, so the plan relies on theirs, too.
  const sharing = new Map((plan.shared ?? []).map((one) => [one.by, ownerOfShared(one)]));
  const isFed = ({ kind, owner }: LiveResource): boolean =>
    owner !== null && sharing.get(kind.name) === owner;
  const isConcerned = ({ id, group, name, endpoint }: LiveResource): boolean =>
    written.has(id) ||
    groups.has(group ?? "") ||
    (creates.get(name) ?? []).some((create) => sameEndpoint(create.endpoint, endpoint));
  return {
    manifests: [...groups].sort(compareText).map((group): ManifestFingerprint => {
      const manifest = manifests.get(group);
      return { group, keys: manifest ? hashKeys(contentOf(manifest)) : null };
    }),
    webhooks: live
      .flatMap((resource): WebhookFingerprint[] => {
        const { id: webhookId, name, group, eventTypes } = resource;
        if (isConcerned(resource))
          return [{ webhookId, name, group, keys: hashKeys(contentOfLive(resource)) }];
        const keys = isFed(resource) && hashKeys({ eventTypes: sortedSet(eventTypes) });
        return keys ? [{ webhookId, name, group, keys }] : [];
      })
      .sort((a, b) => compareText(a.webhookId, b.webhookId)),
  };
}

/** Every document of a shared resource ends with its owner's marker. */
function ownerOfShared({ gains, losses }: SharedWrites<ToldOperation>): string | null {
  const [first] = [...gains, ...losses];
  const document = first?.after ?? first?.before;
  return document ? ownerOf(document) : null;
}

/** The groups that a plan writes, and those that it skips. */
export function findConcerned({ operations, prunes, groups }: ToldPlan): ReadonlySet<string> {
  const skipped = groups.filter((group) => group.skipped !== null);
  return new Set([...operations, ...prunes, ...skipped].flatMap(({ group }) => group ?? []));
}

/** Equal for two values that have the same JSON, whatever the order of their keys. */
export function fingerprint(value: unknown): string {
  return sha256Hex(canonicalJsonOfAny(value));
}

function hashKeys(content: Readonly<Record<string, unknown>>): KeyHashes {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, fingerprint(value)]));
}

/** By the keys of a document. Its kind, owner and delivery follow from these. */
function contentOfLive(live: LiveResource): Readonly<Record<string, unknown>> {
  const { kind, name, endpoint, state, description } = live;
  const eventTypes = sortedSet(live.eventTypes);
  const own = optionsKeys.flatMap((key) => (live[key] === undefined ? [] : [[key, live[key]] as const]));
  return {
    name,
    endpoint,
    eventTypes,
    ...Object.fromEntries(own),
    state,
    description,
    ...kindKey(kind, endpoint),
  };
}

const isDerived: ReadonlySet<string> = new Set(["place", "kind", "rateAssumed"]);

/** By the keys that the user writes. The place in the file and the comments make no difference. */
function contentOf(subscription: Subscription): Readonly<Record<string, unknown>> {
  const words = Object.entries(subscription)
    .filter(([key]) => !isDerived.has(key))
    .map(([key, value]) => [wordOf[key] ?? `spec.${key}`, value as unknown]);
  return Object.fromEntries(words) as Readonly<Record<string, unknown>>;
}

const wordOf: Readonly<Record<string, string>> = {
  name: "metadata.name",
  labels: "metadata.labels",
  group: "spec.consumerGroupId",
  rebalanceMode: "spec.rebalance.mode",
};

/** A reader does not look at more. */
const maxDifferences = 50;

/** The facts that the texts of differences need: places of manifests, and the kinds of resources. */
export interface DifferenceWords {
  readonly desired: readonly Subscription[];
  readonly live: readonly LiveResource[];
  readonly unread: readonly UnreadResource[];
  readonly saved: ToldPlan;
  readonly kinds: Kinds;
}

/** Returns one error for each difference, those of manifests first. */
export function findDifferences(
  then: Fingerprints,
  now: Fingerprints,
  { desired, live, unread, saved, kinds }: DifferenceWords,
): readonly Diagnostic[] {
  const kindOf = new Map([
    ...allOperations(saved).map((one) => [one.webhookId, kinds.of(one)] as const),
    ...live.map(({ id, kind }) => [id, kind] as const),
  ]);
  const unreadIds = new Set(unread.map(({ id }) => id));
  const places = new Map(desired.map(({ group, place }) => [group, place]));
  const manifests = diffBy(then.manifests, now.manifests, ({ group }) => group).flatMap(([was, is]) => {
    const message = describeManifest(was, is);
    if (message === null) return [];
    return [{ ...problem("plan/manifestChanged", message), ...places.get(is?.group ?? "") }];
  });
  const webhooks = diffBy(then.webhooks, now.webhooks, ({ webhookId }) => webhookId).flatMap(
    ([was, is]) => {
      const { noun } = kindOf.get((is ?? was)?.webhookId ?? "") ?? { noun: "resource" };
      const isUnread = was !== undefined && unreadIds.has(was.webhookId);
      const message = describeWebhook(noun, was, isUnread ? "unread" : is);
      return message === null ? [] : [problem("plan/webhookChanged", message)];
    },
  );
  const all = [...manifests, ...webhooks];
  const more = all.length - maxDifferences;
  if (more <= 0) return all;
  return [...all.slice(0, maxDifferences), problem("plan/webhookChanged", count(more, "more difference"))];
}

/** Pairs the values of both sides, key by key, in order. */
function diffBy<T>(
  then: readonly T[],
  now: readonly T[],
  keyOf: (item: T) => string,
): (readonly [T | undefined, T | undefined])[] {
  const [before, after] = [then, now].map((items) => new Map(items.map((item) => [keyOf(item), item])));
  const keys = [...new Set([...then, ...now].map(keyOf))].sort(compareText);
  return keys.map((key) => [before?.get(key), after?.get(key)]);
}

function describeManifest(
  was: ManifestFingerprint | undefined,
  is: ManifestFingerprint | undefined,
): string | null {
  const group = was?.group ?? is?.group ?? "";
  if (was?.keys && is?.keys) {
    const keys = changedKeys(was.keys, is.keys);
    return keys === "" ? null : `the manifest of group "${group}" has changed: ${keys}`;
  }
  if (was?.keys) return `the manifest of group "${group}" is gone`;
  return is?.keys ? `group "${group}", which had no manifest, has one now` : null;
}

function describeWebhook(
  noun: string,
  was: WebhookFingerprint | undefined,
  now: WebhookFingerprint | "unread" | undefined,
): string | null {
  const is = now === "unread" ? undefined : now;
  const { name, webhookId, group } = is ?? was ?? { name: "", webhookId: "", group: null };
  const which = `${noun} "${name}" (id ${webhookId})${group === null ? "" : ` of group "${group}"`}`;
  if (was && is) {
    const keys = changedKeys(was.keys, is.keys);
    return keys === "" ? null : `${which} has changed: ${keys}`;
  }
  if (!was) return `${which} was not there`;
  return now === "unread" ? `${which} cannot be read any more` : `${which} is gone`;
}

function changedKeys(was: KeyHashes, is: KeyHashes): string {
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...keys]
    .filter((key) => was[key] !== is[key])
    .sort(compareText)
    .join(", ");
}

function problem(code: string, message: string): Diagnostic {
  return { severity: "error", code, message, hint: null, ...nowhere };
}
