// Tells receivers what changed of state between what they were last told and a run's result.
import { canonicalJson } from "../lib/canonical-json.ts";
import type { Clock } from "../lib/clock.ts";
import { count } from "../lib/count.ts";
import type { Files } from "../lib/files.ts";
import { acquireLock, type Processes } from "../lib/lock.ts";
import type { Random } from "../lib/random.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import type { Send } from "../model/http.ts";
import type { Result } from "../model/result.ts";
import { deliver } from "./deliver.ts";
import { judge, type RunScope } from "./judge.ts";
import { makeMessages, type RunAbout } from "./make-messages.ts";
import type { WantingReceiver } from "./receivers.ts";
import { findChanges } from "./told.ts";
import {
  nothingNotified,
  readNotified,
  writeNotified,
  type Notified,
  type WaitingMessage,
} from "./told-file.ts";

export interface NotifyPorts {
  readonly clock: Clock;
  readonly random: Pick<Random, "id">;
  readonly files: Files;
  readonly processes: Processes;
  readonly interrupted: AbortSignal;
  readonly send: Send;
}

export interface RunToTell {
  readonly result: Result;
  readonly scope: RunScope;
  readonly about: RunAbout;
  /** What was last told is kept for each installation: two configs may share a state directory. */
  readonly installation: string;
  readonly receivers: readonly WantingReceiver[];
  /** The kinds that the config names, whether their addresses are good or not. */
  readonly wantedKinds: ReadonlySet<string>;
  /** The state directory. */
  readonly directory: string;
}

/** Two runs that end together tell one after the other. */
const lockWaitMs = 10_000;
/** Of the messages that no receiver takes, so many newest ones are kept. */
const maxWaiting = 100;

/** Returns a warning for all that was not told; nothing that goes wrong here ends a run. */
export async function notify(run: RunToTell, ports: NotifyPorts): Promise<readonly Diagnostic[]> {
  const { clock, files, processes, interrupted } = ports;
  const { directory, scope } = run;
  try {
    const place = { files, directory, name: "notify", task: scope.task };
    const locked = await acquireLock({ ...place, clock, processes, interrupted, waitMs: lockWaitMs });
    if (!locked.ok) return [warn("another run is sending its messages, so this one sent none")];
    try {
      return await tell(run, ports);
    } finally {
      await locked.lock.release();
    }
  } catch (error) {
    if (interrupted.aborted) return [];
    // A bug is not hidden; what the disk refuses is a warning.
    if (!(error instanceof ReconcileError) && !(error instanceof Error && "code" in error)) throw error;
    return [
      warn(`what was last told cannot be kept in ${directory}/, so nothing is sent: ${errorText(error)}`),
    ];
  }
}

async function tell(run: RunToTell, ports: NotifyPorts): Promise<readonly Diagnostic[]> {
  const { files } = ports;
  const path = `${run.directory}/notified.json`;
  const { file, notice } = await readNotified(files, path);
  const warnings = notice === null ? [] : [warn(notice)];
  const { installation } = run;
  const write = (notified: Notified): Promise<void> =>
    writeNotified(files, path, {
      formatVersion: 1,
      installations: { ...file.installations, [installation]: notified },
    });
  const before = file.installations[installation] ?? nothingNotified;
  const { isChanged, ...notified } = queue(before, run, ports);
  // The messages are on disk before the first is sent, so that after a crash each keeps its id.
  if (isChanged) await write(notified);
  const delivered = new Set<string>();
  await Promise.all(
    run.receivers.map(async (receiver) => {
      const messages = notified.waiting.filter(({ to }) => to === receiver.kind);
      const delivery = await deliver(messages, receiver, ports);
      for (const id of delivery.delivered) delivered.add(id);
      if (delivery.failure === null) return;
      const left = messages.length - delivery.delivered.size;
      warnings.push(undelivered(receiver.kind, left, delivery.failure));
    }),
  );
  const waiting = notified.waiting.filter(({ id }) => !delivered.has(id));
  if (delivered.size > 0) await write({ told: notified.told, waiting });
  return warnings;
}

/** Returns the new state, with a message for each change and receiver behind those that wait. */
function queue(
  before: Notified,
  { result, scope, about, receivers, wantedKinds }: RunToTell,
  { clock, random }: NotifyPorts,
): Notified & { readonly isChanged: boolean } {
  const looks = judge(result, scope);
  const { told, changes } = looks ? findChanges(before.told, looks) : { told: before.told, changes: [] };
  const timestamp = new Date(clock.now()).toISOString();
  const added = receivers.flatMap(({ kind, wanted }) =>
    makeMessages(changes, wanted, { result, about }).map((message): WaitingMessage => {
      return { to: kind, id: `msg_${random.id()}`, timestamp, ...message };
    }),
  );
  // A kind of receiver that the config does not name any more gets nothing.
  const kept = before.waiting.filter(({ to }) => wantedKinds.has(to));
  const waiting = [...kept, ...added].slice(-maxWaiting);
  const isChanged = canonicalJson({ told, waiting }) !== canonicalJson(before);
  return { told, waiting, isChanged };
}

const names = { slack: "Slack", webhook: "the webhook" } as const;

function undelivered(kind: WantingReceiver["kind"], left: number, failure: string): Diagnostic {
  const verb = left === 1 ? "was" : "were";
  const message = `${count(left, "message")} to ${names[kind]} ${verb} not delivered: ${failure}`;
  const hint = `the next pass sends ${left === 1 ? "it" : "them"} again; see whether the address in the environment still takes messages`;
  return { severity: "warning", code: "notify/undelivered", message, hint, ...nowhere };
}

function warn(message: string): Diagnostic {
  return { severity: "warning", code: "notify/notTold", message, hint: null, ...nowhere };
}
