// Makes the JSON of `/api/status` and compresses it, once for all clients: with thousands of webhooks it has megabytes.
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { shownJson } from "./hide-queries.ts";
import type { DaemonView, PassResults } from "./view.ts";

export interface StatusText {
  readonly text: string;
  /** The text compressed by gzip, at the first call. */
  readonly packed: () => Promise<Uint8Array<ArrayBuffer>>;
}

const pack = promisify(gzip);

/** The results change seldom and the view often, so the JSON of each is made only when it is new. */
export function makeStatus(view: () => DaemonView, results: () => PassResults): () => StatusText {
  let last: { readonly results: PassResults; readonly text: string } | null = null;
  let whole: {
    readonly view: DaemonView;
    readonly results: PassResults;
    readonly status: StatusText;
  } | null = null;
  return () => {
    const [viewNow, resultsNow] = [view(), results()];
    if (whole?.view === viewNow && whole.results === resultsNow) return whole.status;
    if (last?.results !== resultsNow) last = { results: resultsNow, text: shownJson(resultsNow) };
    const text = `${shownJson(viewNow).slice(0, -1)},${last.text.slice(1)}`;
    let packed: Promise<Uint8Array<ArrayBuffer>> | undefined;
    // The fastest level is enough: the aim is to copy less memory, not to save bandwidth.
    const status = { text, packed: () => (packed ??= pack(text, { level: constants.Z_BEST_SPEED })) };
    whole = { view: viewNow, results: resultsNow, status };
    return status;
  };
}
