// The dashboard: what the daemon sends becomes what the page shows. Each part draws itself, and only when it must.
import type { DaemonView, Shown } from "../view.ts";
import { browserClock as clock } from "./browser-clock.ts";
import { makeChange } from "./change.ts";
import { makeConditionList } from "./condition-list.ts";
import { byId, setText } from "./dom.ts";
import { keepToken, request } from "./door.ts";
import { makeDrift } from "./drift.ts";
import { makeFindings } from "./findings.ts";
import { makeHeadline } from "./headline.ts";
import { listenToKeys } from "./keys.ts";
import { openLine, type Link } from "./link.ts";
import { makeMapView } from "./map.ts";
import { makePasses } from "./passes.ts";
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
  trail: makeTrail(clock),
};

let link: Link = { kind: "opening" };
let view: DaemonView | null = null;
let shown: Shown | null = null;
/** What `shown` is of. */
let revision = "";
/** ms that the daemon's clock is ahead of the browser's. */
let ahead = 0;

const feed = makeTrailFeed((records, news) => {
  parts.trail.update(records, news);
  tellTimes(clock.now() + ahead, byId("trail"));
});

/** What the stream tells. */
function draw(): void {
  const nowMs = clock.now() + ahead;
  parts.headline({ view, shown, link, nowMs });
  if (view) {
    parts.conditions(view.conditions);
    parts.passes(view);
  }
  tellTimes(nowMs, byId("headline"));
  tellTimes(nowMs, document.querySelector(".facts") ?? document);
}

/** What changes with a pass only. */
function drawShown(status: DaemonView & Shown): void {
  performance.mark("draw");
  parts.findings(status.diagnostics);
  parts.map(status);
  parts.change(status, status);
  parts.drift({ log: status.driftLog, healed: status.healed, isReport: status.mode === "report" });
  draw();
  tellTimes(clock.now() + ahead, document.querySelector(".happened") ?? document);
  performance.measure("draw", "draw");
}

/** A pass has ended, or another daemon answers: the rest of what it shows is fetched. */
async function fetchShown(wanted: string): Promise<void> {
  if (wanted === revision) return;
  revision = wanted;
  try {
    const status = (await (await request("/api/status")).json()) as DaemonView & Shown;
    if (wanted !== revision) return;
    shown = status;
    drawShown(status);
  } catch (error) {
    // The next view asks again.
    revision = "";
    throw error;
  }
}

function onView(next: DaemonView): void {
  if (view && view.startedAt !== next.startedAt) feed.restart();
  view = next;
  draw();
  // What fails here fails with the line, too, and the line says so.
  const silent = (): void => undefined;
  void fetchShown(`${next.startedAt} ${next.revision}`).catch(silent);
  void feed.look().catch(silent);
}

const line = openLine({
  clock,
  onView,
  onLink: (next) => {
    if (next.kind === "live" && link.kind !== "live") revision = "";
    link = next;
    const isLocked = next.kind === "locked";
    (byId("run") as HTMLButtonElement).disabled = next.kind !== "live";
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
  line.nudge();
});
byId("run").addEventListener("click", () => {
  // A pass shows itself; where the daemon is gone, the headline says so.
  void request("/api/reconcile", { method: "POST" }).catch(() => undefined);
});
addEventListener("online", line.nudge);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  tellTimes(clock.now() + ahead);
  line.nudge();
});
listenToKeys();
keepTimes(clock, () => ahead);
draw();
