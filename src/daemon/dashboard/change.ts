// Shows what the last pass changed, or would change: each operation with its reason, each moved event type with its way.
import { count } from "../../lib/count.ts";
import { isDone, type GroupPlan, type Move, type ToldOperation } from "../../model/plan.ts";
import type { DaemonView, PassResults } from "../view.ts";
import { byId, element, makeFragment, setText } from "./dom.ts";
import { changeOf } from "./map-model.ts";
import { time } from "./times.ts";
import { describeSummary, describeWakeReasons, splitUrl, withoutScheme } from "./words.ts";

const mostOperations = 30;
const mostMoves = 40;
/** A longer list of moves is folded. */
const fewMoves = 8;

interface ChangeData {
  readonly change: ReturnType<typeof changeOf>;
  readonly triggers: string;
}

export function makeChange(): (shown: PassResults, view: DaemonView) => void {
  const body = byId("change-body");
  const fragment = makeFragment<ChangeData>(body, ({ change, triggers }) => {
    const isPlanned = change?.result.dryRun === true;
    setText(byId("change-title"), isPlanned ? "Pending changes" : "Last change");
    byId("change-when").replaceChildren(...(change?.finishedAt ? [time(change.finishedAt)] : []));
    if (!change) {
      body.replaceChildren(
        element("p", { class: "empty" }, "Nothing has been changed since the daemon started."),
      );
      return;
    }
    const { summary, operations, groups } = change.result;
    const eventTypes = findEventTypes(groups);
    const moves = groups.flatMap((group) => group.moves);
    const why = isPlanned ? "the daemon runs with --dry-run" : triggers;
    const more = operations.length - mostOperations;
    body.replaceChildren(
      element(
        "p",
        { class: "change-summary" },
        element("b", {}, describeSummary(summary, isPlanned)),
        why === "" ? "" : ` · ${why}`,
      ),
      element(
        "ol",
        { class: "operations" },
        ...operations.slice(0, mostOperations).map((operation) => makeOperation(operation, eventTypes)),
      ),
      more > 0
        ? element("p", { class: "empty" }, `and ${more} more: reconcile audit log lists them all`)
        : "",
      ...(moves.length > 0 ? [makeMoves(moves, isPlanned)] : []),
    );
  });
  return (shown, { history }) => {
    const change = changeOf(shown);
    const note = history.find(({ runId }) => runId === change?.result.runId);
    fragment.update({ change, triggers: note ? describeWakeReasons(note.triggers) : "" });
  };
}

const verbs = {
  create: { sign: "+", done: "created", infinitive: "create" },
  update: { sign: "~", done: "updated", infinitive: "update" },
  delete: { sign: "−", done: "deleted", infinitive: "delete" },
  adopt: { sign: "=", done: "adopted", infinitive: "adopt" },
} as const;

/** Returns the event type of each trigger by its id. A trigger that is yet to be created has no id. */
function findEventTypes(groups: readonly GroupPlan[]): ReadonlyMap<string, string> {
  const triggers = groups.flatMap(({ endpoints }) => endpoints).flatMap((one) => one.triggers ?? []);
  return new Map(
    triggers.flatMap(({ webhookId, eventType }) =>
      webhookId === null ? [] : [[webhookId, eventType] as const],
    ),
  );
}

function makeOperation(operation: ToldOperation, eventTypes: ReadonlyMap<string, string>): Node {
  const { action, group, endpoint, webhookId, reason, error } = operation;
  const eventType = eventTypes.get(webhookId ?? "");
  const { sign } = verbs[action];
  return element(
    "li",
    { class: `operation operation-${isDone(operation) ? "done" : operation.status}` },
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    element(
      "div",
      {},
      element(
        "p",
        {},
        element("b", {}, describeStatus(operation)),
        ` ${group ?? "shared"} `,
        element("span", { class: "path" }, splitUrl(endpoint).path),
        ...(eventType === undefined ? [] : [" ", element("span", { class: "path" }, eventType)]),
      ),
      element("p", { class: "hint" }, error === null ? reason : `${error} – ${reason}`),
    ),
  );
}

function describeStatus({ action, status }: ToldOperation): string {
  const { done, infinitive } = verbs[action];
  switch (status) {
    case "applied":
      return done;
    case "recovered":
      return `${done} after a lost answer,`;
    case "planned":
      return `to ${infinitive}`;
    case "failed":
      return `could not ${infinitive}`;
    case "skipped":
      return `did not ${infinitive}`;
    case "unknown":
      return `perhaps ${done},`;
  }
}

function makeMoves(moves: readonly Move[], isPlanned: boolean): Node {
  const more = moves.length - mostMoves;
  const rows = moves
    .slice(0, mostMoves)
    .map(({ eventType, from, to, reason }) =>
      element(
        "li",
        { title: reason },
        element("span", { class: "path" }, eventType),
        element("span", { class: "way" }, shortened(from, to), " → ", shortened(to, from)),
      ),
    );
  const title = `${count(moves.length, isPlanned ? "planned move" : "move")}, one by one`;
  const foot = more > 0 ? element("p", { class: "empty" }, `and ${more} more`) : null;
  return element(
    "details",
    { class: "moves", open: moves.length <= fewMoves },
    element("summary", {}, title),
    element("ol", {}, ...rows),
    foot,
  );
}

/** Leaves the host out if both URLs have the same. */
function shortened(url: string, other: string): string {
  const { host, path } = splitUrl(url);
  return host === splitUrl(other).host ? path : withoutScheme(url);
}
