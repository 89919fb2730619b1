// `/api/status`, put into words and packed once, however many ask: with thousands of webhooks it is megabytes.
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { shownJson } from "./hide-queries.ts";
import type { DaemonView, Shown } from "./view.ts";

export interface StatusText {
  readonly text: string;
  /** The same for who takes gzip; made when somebody first asks. */
  readonly packed: () => Promise<Uint8Array<ArrayBuffer>>;
}

const pack = promisify(gzip);

/** What a pass leaves to be shown changes seldom, the view often: each is put into words when it is new. */
export function makeStatus(view: () => DaemonView, shown: () => Shown): () => StatusText {
  let last: { readonly shown: Shown; readonly text: string } | null = null;
  let whole: { readonly view: DaemonView; readonly shown: Shown; readonly status: StatusText } | null =
    null;
  return () => {
    const [viewNow, shownNow] = [view(), shown()];
    if (whole?.view === viewNow && whole.shown === shownNow) return whole.status;
    if (last?.shown !== shownNow) last = { shown: shownNow, text: shownJson(shownNow) };
    const text = `${shownJson(viewNow).slice(0, -1)},${last.text.slice(1)}`;
    let packed: Promise<Uint8Array<ArrayBuffer>> | undefined;
    // Quickly: what is saved is the copying, not the line.
    const status = { text, packed: () => (packed ??= pack(text, { level: constants.Z_BEST_SPEED })) };
    whole = { view: viewNow, shown: shownNow, status };
    return status;
  };
}
