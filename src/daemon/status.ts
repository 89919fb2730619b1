// Makes the JSON of `/api/status` and `/api/plan`, once for all clients: with thousands of webhooks it has megabytes.
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { constants, createGzip } from "node:zlib";
import { shareNext } from "../lib/share-next.ts";
import { shownJson } from "../lib/hide-queries.ts";
import { makeJsonSlices, type Bytes } from "./json-slices.ts";
import type { DaemonView, PassResults } from "./view.ts";

export interface Status {
  /** The view and the results. */
  readonly whole: () => Promise<readonly Bytes[]>;
  /** The same, compressed by gzip. */
  readonly packed: () => Promise<readonly Bytes[]>;
  /** The plan of the last pass. */
  readonly plan: () => Promise<readonly Bytes[]>;
}

/** The results change seldom and the view often, so the JSON of each is made only when it is new. */
export function makeStatus(view: () => DaemonView, results: () => PassResults): Status {
  const tell = remember((now: PassResults) => makeJsonSlices(now));
  const tellPlan = remember(({ result }: PassResults) => {
    const { dryRun, summary, operations, groups, drift, orphans } = result ?? emptyPlan;
    return makeJsonSlices({ formatVersion: 1, dryRun, summary, operations, groups, drift, orphans });
  });
  const join = async (viewNow: DaemonView, resultsNow: PassResults): Promise<readonly Bytes[]> => {
    const [first = new Uint8Array(), ...others] = await tell(resultsNow);
    const start = new TextEncoder().encode(`${shownJson(viewNow).slice(0, -1)},`);
    return [start, first.subarray(1), ...others];
  };
  let last: { readonly view: DaemonView; readonly results: PassResults; readonly bytes: Bytes } | null =
    null;
  return {
    whole: () => join(view(), results()),
    packed: shareNext(async () => {
      const now = { view: view(), results: results() };
      if (last?.view !== now.view || last.results !== now.results)
        last = { ...now, bytes: await pack(await join(now.view, now.results)) };
      return [last.bytes];
    }),
    plan: () => tellPlan(results()),
  };
}

const emptyPlan = {
  dryRun: null,
  summary: null,
  operations: [],
  groups: [],
  drift: [],
  orphans: [],
} as const;

/** Makes a value of the newest results only once. */
function remember<T>(make: (results: PassResults) => Promise<T>): (results: PassResults) => Promise<T> {
  let last: { readonly results: PassResults; readonly made: Promise<T> } | null = null;
  return (results) => {
    if (last?.results !== results) last = { results, made: make(results) };
    return last.made;
  };
}

/** The fastest level is enough: the aim is to copy less memory, not to save bandwidth. */
async function pack(slices: readonly Bytes[]): Promise<Bytes> {
  const packed = Readable.from(slices).pipe(createGzip({ level: constants.Z_BEST_SPEED }));
  return new Uint8Array(await buffer(packed));
}
