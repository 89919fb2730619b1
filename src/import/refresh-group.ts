// Updates the values of a group's existing manifest that differ from what is live.
import { quote } from "../lib/text.ts";
import { refreshManifest } from "../manifest/refresh-manifest.ts";
import { makeSubscriptions } from "../manifest/validate.ts";
import type { WrittenGroup } from "../manifest/write-manifest.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import {
  capacityOf,
  isSplit,
  makeManifestOptions,
  optionsOf,
  type Kind,
  type Kinds,
} from "../model/kind.ts";
import {
  dropUnstated,
  sameJson,
  sameOptions,
  type KindOptions,
  type OptionsValue,
} from "../model/options.ts";
import type { PoolEndpoint, Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { makePlan } from "../plan/make-plan.ts";
import { explainEmpty, reasonsOf } from "./draft-manifest.ts";
import { express, type Expressed } from "./express.ts";
import type { GroupImport, ImportOptions } from "./imported.ts";

/** `text` is that of the manifest's file. The name, group, labels and offset file stay as they are in the manifest. */
export function refreshGroup(
  {
    current,
    live,
    text,
  }: { readonly current: Subscription; readonly live: readonly LiveResource[]; readonly text: string },
  options: ImportOptions,
): GroupImport {
  const expressed = express(live);
  if (expressed.endpoints.length === 0) return { ok: false, reasons: [explainEmpty(live)] };
  const { file } = current.place;
  const endpoints = expressed.endpoints.length;
  const about = { file, group: current.group, endpoints, notes: expressed.notes };
  const { kinds } = options.rules;
  const kind = live[0]?.kind ?? current.kind;
  const wanted = {
    ...current,
    ...fieldsOf(current, expressed),
    ...makeManifestOptions({ kinds, kind }, (of) => optionsFor(of, { current, expressed, kind })),
  };
  const target = movesNothing(wanted, live, options)
    ? wanted
    : { ...wanted, ...poolOf(current, expressed.endpoints) };
  const eventTypes = wanted.eventTypes.length;
  if (isSame(current, target, kinds)) {
    const manifest = { ...about, change: "unchanged", eventTypes } as const;
    return { ok: true, manifest, text: null, subscription: current };
  }
  const refreshed = refreshManifest(text, { current, wanted: target }, options.rules);
  if (refreshed === null)
    return {
      ok: false,
      reasons: [`${file} cannot be edited in place: move this document to a file of its own`],
    };
  const made = makeSubscriptions([{ file, text: refreshed.text }], options.rules);
  if (!made.ok) return { ok: false, reasons: reasonsOf(made.diagnostics) };
  const subscription = made.value.subscriptions.find(({ group }) => group === current.group);
  if (!subscription || !isSame(subscription, target, kinds))
    return { ok: false, reasons: [`${file} cannot be edited in place: make the change by hand`] };
  const notes = [...about.notes, ...refreshed.lost.map(describeLost)];
  const manifest = { ...about, notes, change: "updated", eventTypes } as const;
  return { ok: true, manifest, text: refreshed.text, subscription };
}

function describeLost(written: string): string {
  return `${quote(written)} was replaced or removed, because with the config's values it is not what is live`;
}

/** Keeps event types in the manifest's order; new ones follow. */
function fieldsOf(
  current: Subscription,
  { eventTypes, state }: Expressed,
): Pick<WrittenGroup, "eventTypes" | "state"> {
  const live = new Set(eventTypes);
  const kept = current.eventTypes.filter((eventType) => live.has(eventType));
  const there = new Set(kept);
  return { eventTypes: [...kept, ...eventTypes.filter((eventType) => !there.has(eventType))], state };
}

/** `kind` is that of the live resources. Options of another kind stay, unless they are an error in the manifest. */
function optionsFor(
  options: KindOptions,
  given: { readonly current: Subscription; readonly expressed: Expressed; readonly kind: Kind },
): OptionsValue {
  const { current, expressed, kind } = given;
  const now = current[options.key];
  if (expressed.options?.of.key === options.key) {
    const value = dropUnstated(options, expressed.options.value, now);
    return sameOptions(options, now, value) ? now : value;
  }
  return options.misplaced(kind.nouns).severity === "error" ? options.defaults : now;
}

/** True if a plan with the manifest's own endpoints and weights leaves every event type where it is. */
function movesNothing(
  wanted: Subscription,
  live: readonly LiveResource[],
  options: ImportOptions,
): boolean {
  const limit = capacityOf(wanted.kind, options.rules.limits);
  // The planner requires a valid manifest, so a pool that is too small is refused here.
  if (
    isSplit(wanted, options.rules.limits) &&
    wanted.endpointPool.length * limit < wanted.eventTypes.length
  )
    return false;
  const groups = new Set([wanted.group]);
  const plan = makePlan([wanted], live, { ...options.plan, adopt: true, groups, within: groups });
  const [group] = plan.groups;
  return group?.moves.length === 0 && plan.operations.every(({ action }) => action !== "create");
}

/** Returns the live pool: known endpoints in the manifest's order and spelling, then new ones. */
function poolOf(
  current: Subscription,
  endpoints: readonly PoolEndpoint[],
): Pick<WrittenGroup, "endpointUrl" | "endpointPool" | "rebalanceMode"> {
  const isIn = ({ url }: PoolEndpoint, pool: readonly PoolEndpoint[]): boolean =>
    pool.some((other) => sameEndpoint(other.url, url));
  const kept = current.endpointPool.flatMap(({ url }) => {
    const live = endpoints.find((endpoint) => sameEndpoint(endpoint.url, url));
    return live ? [{ url, weight: live.weight }] : [];
  });
  const pool = [...kept, ...endpoints.filter((endpoint) => !isIn(endpoint, kept))];
  const [first] = pool;
  const [only, ...others] = endpoints;
  if (only && others.length === 0) {
    const url = sameEndpoint(only.url, current.endpointUrl) ? current.endpointUrl : only.url;
    // An `overLimit` pool that is not used yet stays in the manifest.
    const waiting = current.rebalanceMode === "overLimit" ? current.endpointPool : [];
    return { endpointUrl: url, endpointPool: waiting, rebalanceMode: "overLimit" };
  }
  const isUrlInPool = isIn({ url: current.endpointUrl, weight: 1 }, pool);
  const endpointUrl = isUrlInPool ? current.endpointUrl : (first?.url ?? current.endpointUrl);
  return { endpointUrl, endpointPool: pool, rebalanceMode: "always" };
}

function isSame(a: WrittenGroup, b: WrittenGroup, kinds: Kinds): boolean {
  return (
    a.endpointUrl === b.endpointUrl &&
    a.rebalanceMode === b.rebalanceMode &&
    a.state === b.state &&
    optionsOf(kinds, a.kind).every((options) => sameOptions(options, a[options.key], b[options.key])) &&
    sameJson(a.endpointPool, b.endpointPool) &&
    sameJson(a.eventTypes, b.eventTypes)
  );
}
