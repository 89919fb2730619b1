// What must hold, each in one sentence: at every change of the platform, after every pass, and once all is calm.
// More than 400 lines, because whoever asks what the simulation proves finds all of its checks in one place.
import { checkRecord, genesis } from "../../src/audit/record.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { fairShares, isRounded } from "../plan/fair-shares.ts";
import { groupOf, nameOf, ownerOf } from "./edits.ts";
import { delivers, excuseOutcome, isOurWork, stateAt, wasExcused, wasHidden } from "./excuses.ts";
import type { Evidence } from "./evidence.ts";
import { countUp, type Change, type Pass, type Write } from "./journal.ts";
import { credentials, type Platform } from "./platform.ts";
import { endpointKey, owner, perEndpoint, poolOf, stateFileOf, type Group } from "./scenario.ts";
import { kindsOf, steps, type Resource, type SimulatedKind } from "./resources.ts";
import { trailPath } from "../support/world.ts";
import { isFinal } from "./trail-view.ts";

export const sentences = {
  nothingDoubled:
    "no two webhooks of one owner deliver to one endpoint of one group, but for those made by hand",
  othersUntouched:
    "no write of ours changes a webhook of another owner, or one of nobody's that is not to be adopted",
  noGap:
    "no write of ours takes an event type that shall be delivered off the last webhook that delivers it, of whatever kind",
  nothingLost: "after a calm pass each group is live exactly as its manifest says",
  leastWrites: "a calm pass sends as many writes as it lists operations, and one a webhook at most",
  resendsExplained: "a write is sent again only after something went wrong with it",
  lookedUpFirst: "a write whose outcome is unknown is looked up before it is sent again",
  chainSound: "the trail verifies after every pass",
  intentFirst: "each write leaves with its intent on disk, saying exactly what is sent, and still open",
  gainerOnRecordFirst:
    "what an event type moves to has its outcome on disk before the write leaves that takes it away",
  gainersReadAgain:
    "before a write takes an event type away, the webhook that delivers it from now on is read again",
  oneOutcomeEach: "after a calm pass each intent has exactly one final outcome, or nobody could tell",
  outcomesTrue: "what the trail says became of a write is what became of it",
  noneLeftOpen: "a pass that ends by itself leaves no intent of its own open, unless the disk failed",
  onlyTheGroup: "a pass with --group writes that group and no other",
  invalidStopsAll: "where one manifest is invalid nothing is written, and the pass fails",
  unseenLeftAlone:
    "what cannot be listed is not written, nor a group that names it, and a pass of such a group fails",
  endsProperly: "a pass ends, with status 0, 1 or 130, one JSON object on stdout and no bug of its own",
  bounded: "a pass takes no longer than its requests and the wait for a lock",
  noSecrets: "neither the secret nor a token is ever in an output or a file",
  settled: "after a calm pass there is nothing to do: one token request, one list, no write",
} as const;

export type Check = keyof typeof sentences;

/** How a pass ended, as its user saw it. */
export interface Ending {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly endedAtMs: number;
}

export interface Shown {
  readonly ok: boolean;
  readonly summary: { readonly orphans: number };
  readonly operations: readonly {
    readonly action: "create" | "update" | "delete" | "adopt";
    readonly group: string;
    readonly endpoint: string;
    readonly webhookId: string | null;
    readonly status: string;
  }[];
  readonly groups: readonly { readonly group: string; readonly skipped: string | null }[];
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly code: string;
    readonly message: string;
  }[];
}

export function violate({ journal }: Pick<Evidence, "journal">, check: Check, detail: string): void {
  journal.violations.push({ check, detail });
}

// At every change of the platform

export function checkChange(change: Change, evidence: Evidence): void {
  checkNothingDoubled(change, evidence);
  checkOthersUntouched(change, evidence);
  checkNoGap(change, evidence);
}

/** Of one kind: while a group goes over to another one, both deliver, and only at rest does that count. */
function checkNothingDoubled({ after }: Change, evidence: Evidence): void {
  const { platform, journal, calmAt } = evidence;
  if (!after) return;
  const touched = new Set(
    journal.changes
      // A webhook made or moved by hand outlives a calm pass in a group that has to be left alone.
      .filter(({ write, moment, before, after: made }) => {
        const isMoved = before?.endpoint !== made?.endpoint;
        // What is taken over from another group delivered there before: there are no more than there were.
        const isTakenOver = before !== null && made !== null && groupOf(before) !== groupOf(made);
        return write ? isTakenOver : moment > calmAt || isMoved;
      })
      .map(({ id }) => id),
  );
  const kind = platform.kinds.ofEndpoint(after.endpoint);
  for (const other of platform.all().values()) {
    const isTwin =
      other.id !== after.id &&
      platform.kinds.ofEndpoint(other.endpoint) === kind &&
      groupOf(other) === groupOf(after) &&
      ownerOf(other) === ownerOf(after) &&
      (kind.isOfMany
        ? endpointKey(other.endpoint) === endpointKey(after.endpoint)
        : other.eventTypes[0] === after.eventTypes[0]);
    if (isTwin && !touched.has(other.id) && !touched.has(after.id))
      violate(evidence, "nothingDoubled", `${after.name} (${after.id}) and ${other.name} (${other.id})`);
  }
}

function checkOthersUntouched({ write, before, after }: Change, evidence: Evidence): void {
  // What is to be deleted may have to be switched off first.
  const isOnItsWayOut = write?.intent?.operation === "delete";
  if (after && ownerOf(after) !== owner && !isOnItsWayOut)
    violate(evidence, "othersUntouched", `${after.name} is not marked`);
  if (!before || ownerOf(before) === owner) return;
  const isAdopted = ownerOf(before) === null && write?.pass.adopt === true;
  if (!isAdopted) violate(evidence, "othersUntouched", `${before.name} (${before.id}) was not ours`);
}

/**
 * Whatever kind delivers it: a group that goes over to another one is delivered by what it had until what it gets does.
 * What a group without a manifest has may be all that delivers an event type which other groups shall deliver: then any
 * of theirs has to, before it is pruned or handed over. A group with a manifest answers for itself alone.
 */
function checkNoGap(change: Change, evidence: Evidence): void {
  const { before, after } = change;
  if (before?.state !== "enabled") return;
  const name = groupOf(before);
  const group = evidence.groups.find((one) => one.name === name);
  const heirs = group ? [group] : ownerOf(before) === owner ? heirsOf(change, evidence) : [];
  const wanted = new Set(heirs.flatMap(({ state, eventTypes }) => (state === "enabled" ? eventTypes : [])));
  const left = after?.state === "enabled" ? after.eventTypes : [];
  const delivered = new Set(
    [...evidence.platform.all().values()]
      .filter((webhook) => (group ? groupOf(webhook) === name : ownerOf(webhook) === owner))
      .filter(({ state }) => state === "enabled")
      .flatMap(({ eventTypes }) => eventTypes),
  );
  for (const eventType of before.eventTypes) {
    const isGap = !left.includes(eventType) && wanted.has(eventType) && !delivered.has(eventType);
    if (isGap && !wasExcused(change, eventType, evidence))
      violate(
        evidence,
        "noGap",
        `${eventType} of ${name ?? ""}, by write ${change.write?.number ?? 0} on ${before.name}`,
      );
  }
}

/** Of a pass of one group, that group alone: the others were not asked for. */
function heirsOf({ write }: Change, { groups }: Evidence): readonly Group[] {
  const only = write?.pass.only ?? null;
  return groups.filter(({ name }) => only === null || name === only);
}

// After every pass

export function checkPass(pass: Pass, ending: Ending, evidence: Evidence): Shown | null {
  checkWrites(pass, evidence);
  const hasRecorded = evidence.trail.records().length > pass.trailSeq;
  checkTrail(evidence, { mayBeTorn: pass.disturbances > 0 || !hasRecorded });
  checkOutcomes(pass, evidence);
  checkLimits(pass, ending, evidence);
  checkSecrets(`${ending.out}${ending.err}`, evidence);
  const limitMs = (pass.requests + 2) * 120_000;
  const tookMs = ending.endedAtMs - pass.startedAtMs;
  if (tookMs > limitMs) violate(evidence, "bounded", `${tookMs} ms for ${pass.requests} requests`);
  return checkEnding(pass, ending, evidence);
}

export function checkCrashed(pass: Pass, evidence: Evidence): void {
  checkWrites(pass, evidence);
  checkTrail(evidence, { mayBeTorn: true });
}

function checkEnding(pass: Pass, { status, out, err }: Ending, evidence: Evidence): Shown | null {
  const shown = parse(out);
  if (!shown) {
    violate(evidence, "endsProperly", `status ${status}, stdout is ${JSON.stringify(out.slice(0, 200))}`);
    return null;
  }
  const bug = shown.diagnostics.find(({ code }) => code === "internal/bug" || code.startsWith("usage/"));
  if (bug) violate(evidence, "endsProperly", `${bug.code}: ${bug.message}\n${err}`);
  // The one plan that asks for the detailed status finds nothing to do; the orphans that stay are told by it, too.
  const fine = pass.argv.includes("--detailed-exitcode") && shown.summary.orphans > 0 ? 2 : 0;
  if (status !== (pass.interrupted.aborted ? 130 : shown.ok ? fine : 1))
    violate(evidence, "endsProperly", `status ${status}, ok ${String(shown.ok)}`);
  const open = shown.operations.find(({ status: became }) => became === "planned");
  if (open && !pass.argv.startsWith("plan"))
    violate(evidence, "endsProperly", `${open.action} in ${open.group} is still planned`);
  return shown;
}

function checkLimits(pass: Pass, { status }: Ending, evidence: Evidence): void {
  const { journal, trail } = evidence;
  const writes = journal.writes.filter((write) => write.pass === pass);
  if (pass.isInvalid && (writes.length > 0 || status === 0))
    violate(evidence, "invalidStopsAll", `${writes.length} writes, status ${status}`);
  checkUnseen(pass, { writes, status }, evidence);
  for (const { number, intent } of writes) {
    if (pass.only !== null && intent?.group !== pass.only)
      violate(evidence, "onlyTheGroup", `write ${number}, of ${intent?.group ?? "no group"}`);
  }
  const open = [...trail.open().keys()].find((seq) => seq > pass.trailSeq);
  if (open !== undefined && pass.diskFaults === 0) violate(evidence, "noneLeftOpen", `intent ${open}`);
}

function checkUnseen(
  { refused, only }: Pass,
  { writes, status }: { readonly writes: readonly Write[]; readonly status: number },
  evidence: Evidence,
): void {
  if (!refused) return;
  const unseen = evidence.groups.filter(({ kind }) => kind.scheme === refused.scheme);
  const isNeeded = unseen.some(({ name }) => only === null || only === name);
  if (isNeeded && status === 0) violate(evidence, "unseenLeftAlone", "the pass ends with status 0");
  for (const { number, kind, intent } of writes) {
    const isOfUnseen = unseen.some(({ name }) => name === intent?.group);
    if (kind.scheme === refused.scheme || isOfUnseen)
      violate(evidence, "unseenLeftAlone", `write ${number}`);
  }
}

function checkWrites(pass: Pass, evidence: Evidence): void {
  const byIntent = new Map<string, Write>();
  for (const write of evidence.journal.writes) {
    if (write.pass !== pass) continue;
    checkIntent(write, evidence);
    checkGainers(write, evidence);
    checkLooks(write, evidence);
    // Of an intent that takes several requests, each for itself.
    const key = `${write.intent?.seq ?? ""} ${isOneStep(write.kind) ? "" : write.sent}`;
    const earlier = byIntent.get(key);
    byIntent.set(key, write);
    if (earlier) checkResend(write, earlier, evidence);
  }
}

function isOneStep({ mostSteps }: SimulatedKind): boolean {
  return mostSteps === steps;
}

function checkIntent(write: Write, evidence: Evidence): void {
  if (!write.intent) violate(evidence, "intentFirst", `write ${write.number}: ${write.sent}`);
}

/** What the write takes off a webhook that delivers it, though it shall be delivered. */
function findLost({ intent }: Write, { groups }: Evidence): readonly string[] {
  const group = groups.find(({ name }) => name === intent?.group);
  if (intent?.before?.state !== "enabled" || group?.state !== "enabled") return [];
  const left = intent.after?.eventTypes ?? [];
  return intent.before.eventTypes.filter(
    (eventType) => !left.includes(eventType) && group.eventTypes.includes(eventType),
  );
}

/** A look counts that is newer than what the pass itself has last changed of it. */
function checkLooks(write: Write, evidence: Evidence): void {
  const { changes } = evidence.journal;
  for (const eventType of findLost(write, evidence)) {
    const isSeen = write.looks.some(
      ({ moment, webhook }) =>
        webhook.id !== write.id &&
        delivers(webhook, eventType) &&
        !changes.some(
          (change) =>
            change.id === webhook.id &&
            change.write?.pass === write.pass &&
            change.moment > moment &&
            change.moment <= write.leftAt &&
            delivers(change.before, eventType) !== delivers(change.after, eventType),
        ),
    );
    if (!isSeen)
      violate(evidence, "gainersReadAgain", `${eventType}: write ${write.number} on ${write.id ?? ""}`);
  }
}

/** Of an event type that moves: the last intent before that gains it has an outcome. */
function checkGainers(write: Write, evidence: Evidence): void {
  const { intent } = write;
  const lost = findLost(write, evidence);
  if (!intent || lost.length === 0) return;
  const earlier = evidence.trail
    .records()
    .filter(
      (record) =>
        record.event === "change.intended" &&
        record.runId === intent.runId &&
        record.group === intent.group &&
        record.seq < intent.seq,
    );
  for (const eventType of lost) {
    const gainer = earlier.findLast((record) => gains(record, eventType));
    const outcomes = gainer ? (evidence.trail.outcomes().get(gainer.seq) ?? []) : [];
    const isOnDisk = outcomes.some((outcome) => outcome.seq <= write.trailSeq);
    const isHeld = [...stateAt(write.leftAt, evidence).values()].some(
      (other) =>
        other.id !== write.id &&
        other.id !== gainer?.webhookId &&
        groupOf(other) === intent.group &&
        delivers(other, eventType),
    );
    if (gainer && !isOnDisk && !isHeld) {
      const detail = `${eventType}: write ${write.number} left before intent ${gainer.seq} had an outcome`;
      violate(evidence, "gainerOnRecordFirst", detail);
    }
  }
}

function gains({ before, after }: AuditRecord, eventType: string): boolean {
  return after?.eventTypes.includes(eventType) === true && before?.eventTypes.includes(eventType) !== true;
}

function checkResend(write: Write, earlier: Write, evidence: Evidence): void {
  const isExplained =
    earlier.fault !== "" ||
    !/^2\d\d$/.test(earlier.heard ?? "") ||
    // Of several steps, one is taken again where somebody undid what it did.
    (!isOneStep(write.kind) &&
      evidence.journal.changes.some(
        ({ write: by, before, moment }) =>
          !by && moment > earlier.leftAt && groupOf(before) === write.intent?.group,
      ));
  if (!isExplained)
    violate(evidence, "resendsExplained", `write ${write.number} repeats ${earlier.number}: ${write.sent}`);
  if (!isUnknown(earlier)) return;
  // What a PATCH changes is its state, of which its configuration tells nothing.
  const reads = write.method === "PATCH" ? write.wholeReads : write.reads;
  const seenAt = Math.max(
    // The platform refuses a second webhook, so there it is enough that the list was asked, however old what it shows.
    (write.kind.scheme === "https" ? write.askedAt : write.listedAt).get(write.kind.scheme) ?? 0,
    write.id === null ? 0 : (reads.get(write.id) ?? 0),
  );
  const detail = `write ${write.number} repeats ${earlier.number} (${earlier.heard ?? "unheard"})`;
  if (seenAt <= earlier.leftAt) violate(evidence, "lookedUpFirst", detail);
  const { committedAt } = earlier;
  if (committedAt === null || committedAt > seenAt || write.id === null) return;
  const isChanged = evidence.journal.changes.some(
    ({ id, moment }) => id === write.id && moment > committedAt && moment <= seenAt,
  );
  if (!isChanged)
    violate(evidence, "lookedUpFirst", `${detail}, though the look-up showed that it was done`);
}

const garbled = ["malformed JSON", "HTML", "truncated body", "empty body"];

function isUnknown({ heard, fault, method }: Write): boolean {
  const isLost = heard === "network/reset" || heard === "network/timeout";
  const isServers = heard !== null && /^(408|5\d\d)$/.test(heard);
  const isGarbled = garbled.includes(fault) && heard !== null && /^2\d\d$/.test(heard);
  return isLost || isServers || (isGarbled && method !== "DELETE");
}

/** Only what is new is checked record by record, as long as what was there before is there to the letter. */
function checkTrail(evidence: Evidence, { mayBeTorn }: { readonly mayBeTorn: boolean }): void {
  const { files, auditKey, verified } = evidence;
  if (!files.paths().includes(`/${trailPath}`)) return;
  const text = files.text(trailPath);
  const isLonger = text.startsWith(verified.text);
  let head = isLonger ? verified.head : genesis;
  const lines = text.slice(isLonger ? verified.text.length : 0).split("\n");
  const torn = lines.pop();
  for (const line of lines) {
    const checked = checkRecord(line, head, auditKey);
    if (!checked.ok) violate(evidence, "chainSound", `record ${head.seq + 1}: ${checked.reason}`);
    if (!checked.ok) return;
    head = { seq: checked.record.seq, hash: checked.record.hash };
  }
  evidence.verified = { text: text.slice(0, text.length - (torn?.length ?? 0)), head };
  if (torn !== "" && !mayBeTorn) violate(evidence, "chainSound", "its last line is torn");
}

/** At the end of a story, the whole trail as a user would verify it. */
export async function checkWholeTrail(evidence: Evidence): Promise<void> {
  const { files, auditKey } = evidence;
  const { ok, firstBroken } = await verifyTrail(files, trailPath, { key: auditKey });
  if (!ok) violate(evidence, "chainSound", `line ${firstBroken?.line ?? 0}: ${firstBroken?.reason ?? ""}`);
}

function checkOutcomes(pass: Pass, evidence: Evidence): void {
  const { trail } = evidence;
  const intents = new Map(trail.records().map((record) => [record.seq, record]));
  for (const stray of trail.strays().filter(({ seq }) => seq > pass.trailSeq))
    violate(evidence, "outcomesTrue", `record ${stray.seq}, ${stray.event}, answers no open intent`);
  for (const [seq, outcomes] of trail.outcomes()) {
    const intent = intents.get(seq);
    for (const outcome of outcomes) {
      if (intent && outcome.seq > pass.trailSeq) checkOutcome(intent, outcome, evidence);
    }
  }
}

function checkOutcome(intent: AuditRecord, outcome: AuditRecord, evidence: Evidence): void {
  const writes = evidence.journal.writes.filter((write) => write.intent?.hash === intent.hash);
  const committed = writes.filter(({ committedAtMs }) => committedAtMs !== null);
  const kind = evidence.platform.kinds.ofEndpoint(intent.endpoint ?? "");
  const detail = `record ${outcome.seq}, ${outcome.event}, of intent ${intent.seq} (${intent.operation ?? ""} in ${intent.group ?? ""})`;
  if (outcome.event === "change.applied") {
    // Somebody else may have deleted it, or it only had to be waited for.
    const isSo = intent.after === null || !isOneStep(kind);
    if (committed.length === 0 && !(isSo && isOurWork(intent, outcome, evidence)))
      violate(evidence, "outcomesTrue", `${detail}: it never took effect`);
  } else if (outcome.event === "change.recovered") {
    if (!isOurWork(intent, outcome, evidence))
      violate(evidence, "outcomesTrue", `${detail}: the platform never showed it`);
  } else if (outcome.success === false) {
    const at = Date.parse(outcome.timestamp);
    // Of several steps, some may have been taken: it failed as long as it was not as intended.
    if (!isOneStep(kind) && !isOurWork(intent, outcome, evidence)) return;
    for (const { number, committedAt, committedAtMs } of committed) {
      const why = excuseOutcome(
        { committedAt: committedAt ?? 0, isLater: (committedAtMs ?? 0) > at, at },
        evidence,
      );
      if (why === null) violate(evidence, "outcomesTrue", `${detail}: write ${number} took effect`);
      else countUp(evidence.journal.totals.excuses, why);
    }
  }
}

function checkSecrets(text: string, evidence: Evidence): void {
  for (const secret of [credentials.clientSecret, ...evidence.platform.tokens]) {
    if (text.includes(secret)) violate(evidence, "noSecrets", `${secret} is shown`);
  }
}

export function checkFiles(evidence: Evidence): void {
  for (const path of evidence.files.paths()) checkSecrets(evidence.files.text(path), evidence);
}

// After a calm pass

/**
 * Groups that must be left alone: nobody manages one of their webhooks, and it is not to be adopted; or one of their event
 * sources is another's. That of a group without a manifest is to be had where a flag says so, and once each group that
 * shall deliver what it loses does.
 */
export function findConflicts(
  { platform, groups }: Evidence,
  { adopt, prune }: { readonly adopt: boolean; readonly prune: boolean },
): ReadonlySet<string> {
  const live = [...platform.all().values()];
  const unmarked = adopt ? [] : live.filter((webhook) => ownerOf(webhook) === null).map(groupOf);
  const isDeclared = (name: string | null): boolean => groups.some((group) => group.name === name);
  const isAwaited = (eventType: string, taker: string): boolean =>
    groups.some(
      ({ name, eventTypes, state }) =>
        name !== taker &&
        state === "enabled" &&
        eventTypes.includes(eventType) &&
        !live.some((other) => groupOf(other) === name && delivers(other, eventType)),
    );
  const isHadBy = ({ name, eventTypes, state }: Group, holder: Resource): boolean => {
    const isKept = (eventType: string): boolean => state === "enabled" && eventTypes.includes(eventType);
    const lost =
      holder.state === "disabled" ? [] : holder.eventTypes.filter((eventType) => !isKept(eventType));
    const isOrphan = ownerOf(holder) === owner && !isDeclared(groupOf(holder));
    const isNeeded = lost.some((eventType) => isAwaited(eventType, name));
    return isOrphan && (prune || (adopt && lost.length === 0)) && !isNeeded;
  };
  const isTaken = (group: Group, holder: Resource): boolean =>
    groupOf(holder) !== group.name &&
    poolOf(group).some(({ url }) => endpointKey(url) === endpointKey(holder.endpoint)) &&
    !isHadBy(group, holder);
  const without = groups.filter(
    (group) => group.kind.scheme === "eventbridge" && live.some((holder) => isTaken(group, holder)),
  );
  return new Set([...(unmarked.filter(isDeclared) as string[]), ...without.map(({ name }) => name)]);
}

const conflictCodes = new Set(["ownership/unmarked", "source/taken"]);

export function checkCalm(
  pass: Pass,
  given: { readonly shown: Shown | null; readonly conflicts: ReadonlySet<string>; readonly prune: boolean },
  evidence: Evidence,
): void {
  const { shown, conflicts, prune } = given;
  if (!shown) return;
  const { journal, trail, groups } = evidence;
  const errors = shown.diagnostics.filter(({ severity }) => severity === "error");
  const unexpected = errors.filter(({ code }) => conflicts.size === 0 || !conflictCodes.has(code));
  for (const { code, message } of unexpected) violate(evidence, "nothingLost", `${code}: ${message}`);
  for (const group of groups) if (!conflicts.has(group.name)) checkGroup(group, evidence);
  if (prune && shown.operations.every(({ status }) => status !== "skipped")) checkPruned(evidence);

  const writes = journal.writes.filter((write) => write.pass === pass);
  const sent = shown.operations.filter(({ status }) => status !== "skipped");
  const most = sent.reduce((sum, { action, endpoint }) => {
    const { mostSteps } = evidence.platform.kinds.ofEndpoint(endpoint);
    return sum + mostSteps[action === "adopt" ? "update" : action];
  }, 0);
  if (writes.length < sent.length || writes.length > most)
    violate(evidence, "leastWrites", `${writes.length} writes for ${sent.length} operations`);
  const ids = writes
    .filter(({ kind }) => isOneStep(kind))
    .map(({ id, committedAt }) => id ?? `created at ${String(committedAt)}`);
  if (new Set(ids).size !== ids.length)
    violate(evidence, "leastWrites", `two writes on one of ${ids.join(", ")}`);

  for (const record of trail.records()) {
    if (record.event === "change.intended") checkAnswered(record, evidence);
  }
}

function checkAnswered(intent: AuditRecord, evidence: Evidence): void {
  const outcomes = evidence.trail.outcomes().get(intent.seq) ?? [];
  const final = outcomes.filter(isFinal);
  if (final.length === 1 || (final.length === 0 && wasHidden(intent, outcomes, evidence))) return;
  const detail = `intent ${intent.seq} (${intent.operation ?? ""} in ${intent.group ?? ""})`;
  violate(evidence, "oneOutcomeEach", `${detail} has ${final.length}`);
}

function checkGroup(group: Group, evidence: Evidence): void {
  // Of every kind: what it had of another one is gone.
  const live = [...evidence.platform.all().values()].filter(
    (webhook) => groupOf(webhook) === group.name && !isUnknowable(webhook, evidence),
  );
  const fault = (what: string): void => {
    violate(evidence, "nothingLost", `${group.name}: ${what}`);
  };
  const types = live.flatMap(({ eventTypes }) => eventTypes).sort();
  const wanted = [...group.eventTypes].sort();
  if (types.join() !== wanted.join()) fault(`delivers ${types.join()} instead of ${wanted.join()}`);
  const pool = poolOf(group);
  const weights = pool.map(({ weight }) => weight);
  const shares = fairShares(group.eventTypes.length, weights, perEndpoint);
  for (const [index, { url }] of pool.entries()) {
    const here = live.filter(({ endpoint }) => endpointKey(endpoint) === endpointKey(url));
    const count = here.flatMap(({ eventTypes }) => eventTypes).length;
    const most = group.kind.isOfMany ? 1 : count;
    if (here.length !== Math.min(count, most)) fault(`${here.length} webhooks at ${url}`);
    if (!isRounded(count, shares[index])) fault(`${count} event types at ${url} are no fair share`);
  }
  for (const webhook of live) {
    for (const problem of findProblems(webhook, group)) fault(`${webhook.name}: ${problem}`);
  }
}

function findProblems(webhook: Resource, group: Group): readonly string[] {
  const { name, endpoint, eventTypes, state, description, retryPolicy, ttlSeconds } = webhook;
  const wantedUrl = poolOf(group).find(({ url }) => endpointKey(url) === endpointKey(endpoint))?.url;
  // Two spellings of one endpoint have two names that mean the same.
  const { isOfMany, scheme } = group.kind;
  const names = (isOfMany ? [endpoint, wantedUrl ?? endpoint] : eventTypes).map((of) =>
    nameOf(group.name, of),
  );
  const intervals = [retryPolicy?.retryInterval, group.retryPolicy.retryInterval];
  const [live, wanted] = intervals.map((interval) => (interval === "PT60S" ? "PT1M" : interval));
  const due = `Consumer group: ${group.name} | Offset tracking: ${stateFileOf(group.name)} | Managed by: reconcile (${owner})`;
  return [
    ...(wantedUrl !== undefined ? [] : [`${endpoint} is not in the pool`]),
    ...(names.includes(name) ? [] : ["its name is wrong"]),
    ...(state === group.state ? [] : [`it is ${state}`]),
    ...(description === due ? [] : [`its description is ${description}`]),
    ...(ttlSeconds === null ? [] : ["its options are wrong"]),
    ...(scheme !== "https" || (live === wanted && retryPolicy?.retryCount === group.retryPolicy.retryCount)
      ? []
      : ["its retry policy is wrong"]),
  ];
}

function checkPruned(evidence: Evidence): void {
  for (const webhook of evidence.platform.all().values()) {
    const isOrphan =
      ownerOf(webhook) === owner && !evidence.groups.some(({ name }) => name === groupOf(webhook));
    if (isOrphan && !isUnknowable(webhook, evidence))
      violate(evidence, "nothingLost", `${webhook.name} is not pruned`);
  }
}

/** A kind that no manifest names is asked for only where the trail tells of something that was done there. */
function isUnknowable({ id, endpoint }: Resource, { platform, groups, journal, trail }: Evidence): boolean {
  const kind = platform.kinds.ofEndpoint(endpoint);
  const isTold = trail.records().some(({ webhookId, success }) => webhookId === id && success === true);
  if (isTold || groups.some((group) => group.kind === kind)) return false;
  countUp(journal.totals.excuses, "at rest: of a kind that no manifest names, and nothing tells of it");
  return true;
}

export function checkSettled(
  pass: Pass,
  given: { readonly shown: Shown | null; readonly conflicts: ReadonlySet<string> },
  evidence: Evidence,
): void {
  const { shown, conflicts } = given;
  const asked = [...pass.listRequests.values()].reduce((sum, lists) => sum + lists, 0);
  const isQuiet =
    pass.tokenRequests >= 1 &&
    pass.tokenRequests <= mostTokens(pass, evidence) &&
    pass.requests === pass.tokenRequests + asked + pass.confirmations.length &&
    isConfirmedOnce(pass, evidence.platform);
  if (!isQuiet || !kindsOf("mixed").all.every((kind) => isListedOnce(kind, pass, evidence)))
    violate(
      evidence,
      "settled",
      `${pass.requests} requests, of them ${pass.tokenRequests} for a token and ${asked} lists`,
    );
  const due = shown?.operations.find(({ group, status }) => status !== "skipped" || !conflicts.has(group));
  if (due && conflicts.size === 0)
    violate(evidence, "settled", `${due.action} in ${due.group} is still to do`);
}

/** One, unless its life ends while configurations are confirmed: it is renewed 60 s before, or at half its life. */
function mostTokens({ startedAtMs, confirmations }: Pass, { platform }: Evidence): number {
  if (confirmations.length === 0) return 1;
  const lifeMs = platform.tokenLifeSeconds * 1000;
  return 1 + Math.floor((platform.nowMs() - startedAtMs) / Math.max(lifeMs - 60_000, lifeMs / 2));
}

/**
 * Each kind that the manifests name; of another one no more than that, and only where the trail tells of it, or where
 * there is none.
 */
function isListedOnce(kind: SimulatedKind, pass: Pass, { platform, groups, trail }: Evidence): boolean {
  const { scheme } = kind;
  const { least, most } = listsOf(kind, platform);
  const asked = pass.listRequests.get(scheme) ?? 0;
  const isOnce = asked >= least && asked <= most;
  if (groups.some((group) => group.kind.scheme === scheme)) return isOnce;
  const records = trail.records();
  const isTold = records.length === 0 || records.some(({ endpoint }) => endpoint?.startsWith(`${scheme}:`));
  return asked === 0 || (isTold && isOnce);
}

/** A list that counts more than it shows is asked what it counts, and read twice if that explains nothing. */
function listsOf(
  { stored, pageSize, scheme }: SimulatedKind,
  { state, quirks }: Platform,
): { readonly least: number; readonly most: number } {
  const { hiddenIntegrations = 0, otherIntegrations = 0 } = quirks;
  const more = scheme === "eventbridge" ? hiddenIntegrations + otherIntegrations : 0;
  const pages = Math.max(1, Math.ceil((stored(state).size + more) / pageSize));
  if (more === 0) return { least: pages, most: pages };
  // One page of others explains it.
  if (otherIntegrations > 0) return { least: pages + 1, most: 2 * pages };
  return { least: 3 * pages, most: 3 * pages };
}

/** Only integrations whose configuration the list leaves incomplete are asked for it, each once. */
function isConfirmedOnce({ confirmations }: Pass, { state, quirks }: Platform): boolean {
  const isLacking = (id: string): boolean =>
    quirks.listsConfigurations !== undefined ||
    state.integrations.get(id)?.config.properties.eventFilter === undefined;
  return new Set(confirmations).size === confirmations.length && confirmations.every(isLacking);
}

function parse(out: string): Shown | null {
  try {
    return JSON.parse(out) as Shown;
  } catch {
    return null;
  }
}
