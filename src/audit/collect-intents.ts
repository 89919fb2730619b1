// Collects from a trail's end backwards the intents that may still have an effect: the open ones, and the late creates.
import { isIntent, type OpenIntent } from "./open-intent.ts";
import { parseRecord } from "./parse-record.ts";
import { endOf, eventOf, operationOf, runIdOf, timestampOf } from "./raw-keys.ts";
import { noteUnsound, type UnsoundTexts } from "./unsound.ts";

export interface IntentCollector {
  /** Intents without an outcome, or with an unknown one; newest first. */
  readonly open: readonly OpenIntent[];
  /**
   * Creates without a final outcome, whether or not they count as open, of the runs that recorded something in the trail's
   * last minutes; newest first.
   */
  readonly late: readonly OpenIntent[];
  /** Lines come in order, the trail's last one first. */
  readonly see: (line: Buffer) => void;
  /** By the id of a run, the time of its last record, for all runs of intents that were collected. */
  readonly lastSeen: ReadonlyMap<string | undefined, string>;
  /** True if no older line can hold an open intent. */
  readonly isOver: () => boolean;
  /** True if no older line can change anything here. */
  readonly isDone: () => boolean;
}

export function collectIntents(
  unsound: UnsoundTexts,
  { withLate }: { readonly withLate: boolean },
): IntentCollector {
  const [open, late]: [OpenIntent[], OpenIntent[]] = [[], []];
  const closed = new Set<unknown>();
  const lastSeen = new Map<string | undefined, string>();
  const reach = makeReach();
  const window = makeWindow(withLate);
  const seeIntent = (line: Buffer): void => {
    const mayBeOpen = !reach.isOver();
    const mayBeLate = window.isOpen() && operationOf(line) === "create";
    if (!mayBeOpen && !mayBeLate) return;
    const text = line.toString();
    const parsed = parseRecord(text);
    const seq = parsed.ok ? parsed.record.seq : parsed.found?.seq;
    const isOpen = mayBeOpen && reach.covers(seq) && !closed.has(seq);
    if (!parsed.ok) {
      if (isOpen || mayBeLate) noteUnsound(unsound, text, parsed.fault);
    } else if (isIntent(parsed.record)) {
      if (isOpen) open.push(parsed.record);
      if (mayBeLate && !closed.has(seq)) late.push(parsed.record);
    }
  };
  const seeRun = (line: Buffer): void => {
    const runId = runIdOf(line);
    if (lastSeen.has(runId)) return;
    const timestamp = timestampOf(line);
    lastSeen.set(runId, timestamp);
    window.seeRun(Date.parse(timestamp));
  };
  const isDone = (): boolean => reach.isOver() && !window.isOpen();
  const see = (line: Buffer): void => {
    if (isDone()) return;
    seeRun(line);
    const event = eventOf(line) ?? "";
    if (event === "change.intended") seeIntent(line);
    else if (event.startsWith("change.")) {
      const { intent, isFinal, isCarried } = endOf(line);
      if (isFinal) closed.add(intent);
      else if (isCarried && !closed.has(intent)) reach.carry(intent);
    } else reach.seeRun(event);
  };
  return { open, late, lastSeen, see, isOver: reach.isOver, isDone };
}

/**
 * A run closes the open intents of the run before it before it writes anything itself. So only two sorts of intents older
 * than the end of the last finished run can be open: those that this run recorded as carried, because it could not look,
 * and its own whose outcome it could not find out.
 */
function makeReach(): {
  readonly seeRun: (event: string) => void;
  /** A run recorded that it could not look for this intent. */
  readonly carry: (intent: number) => void;
  /** Whether the intent with this `seq`, at which the walk is, can be open. */
  readonly covers: (seq: unknown) => boolean;
  readonly isOver: () => boolean;
} {
  const carried = new Set<unknown>();
  let hasEnd = false;
  /** Before the last finished run, only the intents that it carried can be open. */
  let isPast = false;
  return {
    seeRun: (event) => {
      hasEnd ||= event === "run.finished";
      isPast ||= hasEnd && event === "run.started";
    },
    carry: (intent) => {
      if (!isPast) carried.add(intent);
    },
    covers: (seq) => carried.delete(seq) || !isPast,
    isOver: () => isPast && carried.size === 0,
  };
}

/** No request takes longer than this, counted from the last record of its run. */
const lateWindowMs = 120_000;

/**
 * Tells whether the walk is at a run of the trail's last minutes, counted from its newest record. The window is closed from
 * the start if the caller does not ask for them.
 */
function makeWindow(isWanted: boolean): {
  /** The time of a run's last record. */
  readonly seeRun: (atMs: number) => void;
  readonly isOpen: () => boolean;
} {
  let leastMs: number | null = null;
  let isOpen = isWanted;
  return {
    seeRun: (atMs) => {
      // A record whose time cannot be parsed counts as old as its neighbours.
      if (!isOpen || Number.isNaN(atMs)) return;
      leastMs ??= atMs - lateWindowMs;
      isOpen = atMs >= leastMs;
    },
    isOpen: () => isOpen,
  };
}
