// Finds a few keys of a record in the raw text of its line, because to parse every line of a long trail takes too long.
// Inside a JSON string every quote has a backslash before it, so what is found is a key.

/**
 * The event of a record. Its key stands before all documents, whose conditions may have any keys, and no text holds a
 * quote without a backslash: so the first match is the record's own.
 */
export function eventOf(line: Buffer): string | undefined {
  return /"event":"([^"]*)"/.exec(line.toString())?.[1];
}

/** The number of a record, which is its first key; infinite if it is not. */
export function seqOf(line: Buffer): number {
  return Number(/^\{"seq":(\d+),/.exec(line.toString("latin1", 0, 32))?.[1] ?? Infinity);
}

/** The webhook's id in a record's text; empty if it has none. */
export function webhookIdOf(text: string): string {
  return /"webhookId":"([^"]*)"/.exec(text)?.[1] ?? "";
}

/** The operation of a record, as `eventOf` finds the event. */
export function operationOf(line: Buffer): string | undefined {
  return /"operation":"([^"]*)"/.exec(line.toString())?.[1];
}

/** The time of a record, which may be no time; empty if it has none. */
export function timestampOf(line: Buffer): string {
  return /"timestamp":"([^"]+)"/.exec(line.toString())?.[1] ?? "";
}

/** The time of a record in ms since 1970; NaN if it cannot be parsed. */
export function timeOf(line: Buffer): number {
  return Date.parse(timestampOf(line));
}

/** The id of the run that a record belongs to, as `eventOf` finds the event. */
export function runIdOf(line: Buffer): string | undefined {
  return /"runId":"([^"]*)"/.exec(line.toString())?.[1];
}

interface OutcomeEnd {
  /** The `seq` of its intent; NaN where it has none. */
  readonly intent: number;
  /** Whether it says for good what became of the intent: one that says neither yes nor no leaves it open. */
  readonly isFinal: boolean;
  /** Whether it carries an older intent on, which could not be looked for and is still open. */
  readonly isCarried: boolean;
}

/** These keys stand behind all documents, `success` first: so its last match is the record's own, and the rest follow it. */
export function endOf(line: Buffer): OutcomeEnd {
  const end = line.toString("utf8", Math.max(line.lastIndexOf('"success":'), 0));
  return {
    intent: Number(/"intent":(\d+)/.exec(end)?.[1]),
    isFinal: /^"success":(true|false)/.test(end),
    isCarried: end.includes('"carried":true') || end.includes(olderCarriedMark),
  };
}

/** Older versions wrote this text instead of the field `carried`. */
const olderCarriedMark = '"error":"out of sight: ';
