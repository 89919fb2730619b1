// The dashboard's entry point: hands the daemon's state to the parts of the page. Each part draws only what has changed.
import type { DaemonView, PassResults } from "../view.ts";
import { browserClock as clock } from "./browser-clock.ts";
import { makeChange } from "./change.ts";
import { makeConditionList } from "./condition-list.ts";
import { byId, setText } from "./dom.ts";
import { keepToken, request } from "./request.ts";
import { makeDrift } from "./drift.ts";
import { makeFindings } from "./findings.ts";
import { makeHeadline } from "./headline.ts";
import { listenToKeys } from "./keys.ts";
import { openConnection, type ConnectionState } from "./connection.ts";
import { makeMapView } from "./map.ts";
import { makePasses } from "./passes.ts";
import { makeRunButton } from "./run-button.ts";
import { keepTimes, tellTimes } from "./times.ts";
import { makeTrail } from "./trail.ts";
import { makeTrailFeed } from "./trail-feed.ts";

const parts = {
  headline: makeHeadline(),
  conditions: makeConditionList(),
  findings: makeFindings(),
  map: makeMapView(),
  change: makeChange(),
  drift: makeDrift(),
  passes: makePasses(),
  runButton: makeRunButton(),
  trail: makeTrail(clock),
};

let connection: ConnectionState = { kind: "opening" };
let view: DaemonView | null = null;
let shown: PassResults | null = null;
/** Names the state that `shown` holds. */
let revision = "";
/** By how many ms the daemon's clock is ahead of the browser's. */
let ahead = 0;

const feed = makeTrailFeed((records, news) => {
  parts.trail.update(records, news);
  tellTimes(clock.now() + ahead, byId("trail"));
});

/** Draws what the stream sends. */
function draw(): void {
  const nowMs = clock.now() + ahead;
  parts.headline({ view, shown, connection, nowMs });
  parts.runButton(view, connection);
  if (view) {
    parts.conditions(view.conditions);
    parts.passes(view);
    parts.trail.showHead(view.head);
  }
  tellTimes(nowMs, byId("headline"));
  tellTimes(nowMs, document.querySelector(".facts") ?? document);
}

/** Draws what changes only with a pass. */
function drawShown(status: DaemonView & PassResults): void {
  performance.mark("draw");
  parts.findings(status);
  parts.map(status);
  parts.change(status, status);
  parts.drift({ log: status.driftLog, healed: status.healed, isReport: status.mode === "report" });
  draw();
  tellTimes(clock.now() + ahead, document.querySelector(".happened") ?? document);
  performance.measure("draw", "draw");
}

/** Fetches the results after a pass has ended, or when another daemon answers. */
async function fetchShown(wanted: string): Promise<void> {
  if (wanted === revision) return;
  revision = wanted;
  try {
    const status = (await (await request("api/status")).json()) as DaemonView & PassResults;
    if (wanted !== revision) return;
    shown = status;
    drawShown(status);
  } catch (error) {
    // With no revision, the next view fetches again.
    revision = "";
    throw error;
  }
}

function onView(next: DaemonView): void {
  if (view && view.startedAt !== next.startedAt) feed.restart();
  view = next;
  draw();
  // When these requests fail, the connection fails as well, and the headline shows that.
  const silent = (): void => undefined;
  void fetchShown(`${next.startedAt} ${next.revision}`).catch(silent);
  void feed.look().catch(silent);
}

const { retryNow } = openConnection({
  clock,
  onView,
  onState: (next) => {
    if (next.kind === "live" && connection.kind !== "live") revision = "";
    connection = next;
    const isLocked = next.kind === "locked";
    byId("lock").hidden = !isLocked;
    byId("page").hidden = isLocked;
    if (isLocked) {
      setText(byId("lock-said"), next.message);
      byId("token").focus();
    }
    draw();
  },
  onClock: (next) => {
    ahead = next;
  },
});

byId("lock-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = byId("token") as HTMLInputElement;
  keepToken(input.value.trim());
  input.value = "";
  retryNow();
});
addEventListener("online", retryNow);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  tellTimes(clock.now() + ahead);
  retryNow();
});
listenToKeys();
keepTimes(clock, () => ahead);
draw();
