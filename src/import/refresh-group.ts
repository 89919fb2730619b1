// A group whose manifest is there → that manifest, where what is live differs from what it says.
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
import { sameOptions, type KindOptions, type OptionsValue } from "../model/options.ts";
import type { PoolEndpoint, Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { makePlan } from "../plan/make-plan.ts";
import { empty, reasonsOf } from "./draft-manifest.ts";
import { express, type Expressed } from "./express.ts";
import type { GroupImport, ImportOptions } from "./imported.ts";

/** `text`: of the manifest's file. The name, the group, the labels and the offset file stay as the manifest has them. */
export function refreshGroup(
  {
    current,
    live,
    text,
  }: { readonly current: Subscription; readonly live: readonly LiveResource[]; readonly text: string },
  options: ImportOptions,
): GroupImport {
  const expressed = express(live);
  if (expressed.endpoints.length === 0) return { ok: false, reasons: [empty(live)] };
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
  const target = isQuiet(wanted, live, options)
    ? wanted
    : { ...wanted, ...layoutOf(current, expressed.endpoints) };
  const eventTypes = wanted.eventTypes.length;
  if (saysTheSame(current, target, kinds)) {
    const manifest = { ...about, change: "unchanged", eventTypes } as const;
    return { ok: true, manifest, text: null, subscription: current };
  }
  const refreshed = refreshManifest(text, { current, wanted: target }, kinds);
  if (refreshed === null)
    return { ok: false, reasons: [`${file} cannot be edited in place: put this document in its own file`] };
  const made = makeSubscriptions([{ file, text: refreshed }], options.rules);
  if (!made.ok) return { ok: false, reasons: reasonsOf(made.diagnostics) };
  const subscription = made.value.subscriptions.find(({ group }) => group === current.group);
  if (!subscription || !saysTheSame(subscription, target, kinds))
    return { ok: false, reasons: [`${file} cannot be edited in place: write the change by hand`] };
  const manifest = { ...about, change: "updated", eventTypes } as const;
  return { ok: true, manifest, text: refreshed, subscription };
}

/** Event types in the manifest's order, new ones after them. */
function fieldsOf(
  current: Subscription,
  { eventTypes, state }: Expressed,
): Pick<WrittenGroup, "eventTypes" | "state"> {
  const live = new Set(eventTypes);
  const kept = current.eventTypes.filter((eventType) => live.has(eventType));
  const there = new Set(kept);
  return { eventTypes: [...kept, ...eventTypes.filter((eventType) => !there.has(eventType))], state };
}

/** `kind`: of what is live. Options of another kind stay where they do no harm. */
function optionsFor(
  options: KindOptions,
  given: { readonly current: Subscription; readonly expressed: Expressed; readonly kind: Kind },
): OptionsValue {
  const { current, expressed, kind } = given;
  const now = current[options.key];
  if (expressed.options?.of.key === options.key) {
    const { value } = expressed.options;
    return sameOptions(options, now, value) ? now : value;
  }
  return options.misplaced(kind.nouns).severity === "error" ? options.defaults : now;
}

/** Whether the endpoints of the manifest, whatever their weights, leave every event type where it is. */
function isQuiet(wanted: Subscription, live: readonly LiveResource[], options: ImportOptions): boolean {
  const limit = capacityOf(wanted.kind, options.rules.limits);
  // The planner takes valid manifests only.
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

/** The pool as it is live, in the manifest's order and spelling, new endpoints after those. */
function layoutOf(
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
    // A pool that waits for more event types does so further on.
    const waiting = current.rebalanceMode === "overLimit" ? current.endpointPool : [];
    return { endpointUrl: url, endpointPool: waiting, rebalanceMode: "overLimit" };
  }
  const isUrlInPool = isIn({ url: current.endpointUrl, weight: 1 }, pool);
  const endpointUrl = isUrlInPool ? current.endpointUrl : (first?.url ?? current.endpointUrl);
  return { endpointUrl, endpointPool: pool, rebalanceMode: "always" };
}

function saysTheSame(a: WrittenGroup, b: WrittenGroup, kinds: Kinds): boolean {
  return (
    a.endpointUrl === b.endpointUrl &&
    a.rebalanceMode === b.rebalanceMode &&
    a.state === b.state &&
    optionsOf(kinds, a.kind).every((options) => sameOptions(options, a[options.key], b[options.key])) &&
    JSON.stringify(a.endpointPool) === JSON.stringify(b.endpointPool) &&
    JSON.stringify(a.eventTypes) === JSON.stringify(b.eventTypes)
  );
}
