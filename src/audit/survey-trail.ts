// Reads a trail from end to end for a move: what it holds, whose it is, and how it is split into files.
import { makeDigest } from "../lib/hash.ts";
import { bufferOf } from "./lines.ts";
import { readLines } from "./read-trail.ts";
import { findHead, genesis, type Head } from "./record.ts";
import type { FoundRecord } from "./parse-record.ts";
import { closedName, type TrailFiles } from "./trail-parts.ts";

/** The records that one file holds. */
export interface Segment {
  /** The name of the closed file; null for the trail's own file. */
  readonly file: string | null;
  /** The byte of the trail after its last record. */
  readonly endBytes: number;
}

/** An owner and an organisation whose records the trail holds. */
export interface Named {
  readonly owner: string;
  /** Null in records of older versions, which name none. */
  readonly organization: { readonly id: string; readonly name: string | null } | null;
  /** That of the last of these records. */
  readonly environment: string;
}

export interface TrailSurvey {
  /** The last record; `genesis` without one. */
  readonly head: Head;
  /** The size of all whole lines. */
  readonly sizeBytes: number;
  /** SHA-256 over them. */
  readonly digest: string;
  readonly segments: readonly Segment[];
  /** Each owner and organisation that a record names, in the order of their first records. */
  readonly named: readonly Named[];
  /** The first line that is not the record of the next number, and so has no place in another store; null without one. */
  readonly misfit: { readonly line: number; readonly reason: string } | null;
}

interface Walk {
  head: Head;
  line: number;
  sizeBytes: number;
  misfit: TrailSurvey["misfit"];
  readonly closed: Segment[];
  readonly named: Map<string, Named>;
}

/** Throws ReconcileError `audit/unreadable`. */
export async function surveyTrail(files: TrailFiles, path: string): Promise<TrailSurvey> {
  const digest = makeDigest();
  const walk: Walk = {
    ...{ head: genesis, line: 0, sizeBytes: 0, misfit: null },
    ...{ closed: [], named: new Map() },
  };
  for await (const line of readLines(files, path)) {
    walk.line += 1;
    const found = line && findHead(line);
    const reason = found ? follow(walk, found) : "it is not a record";
    if (reason !== null) walk.misfit ??= { line: walk.line, reason };
    if (!line) continue;
    walk.sizeBytes += line.length + 1;
    digest.update(bufferOf(line));
    digest.update("\n");
  }
  const { head, sizeBytes, closed, named, misfit } = walk;
  const segments = [...closed, { file: null, endBytes: sizeBytes }];
  return { head, sizeBytes, digest: digest.hex(), segments, named: [...named.values()], misfit };
}

/** Returns why the record has no place in another store; else null. */
function follow(walk: Walk, { record, head }: NonNullable<ReturnType<typeof findHead>>): string | null {
  const due = walk.head.seq + 1;
  walk.head = head;
  noteWhose(record, walk);
  if (head.seq !== due) return `it has the number ${head.seq}, and number ${due} is missing`;
  return head.seq > 1 && record.event === "trail.continued" ? endSegment(walk, record) : null;
}

function noteWhose({ owner, organization, environment }: FoundRecord, { named }: Walk): void {
  if (typeof owner !== "string") return;
  const { id, name } = Object(organization) as { readonly id?: unknown; readonly name?: unknown };
  const known = typeof id === "string" ? { id, name: typeof name === "string" ? name : null } : null;
  named.set(`${owner} ${known?.id ?? ""}`, {
    ...{ owner, organization: known },
    environment: typeof environment === "string" ? environment : "",
  });
}

/** Two rotations of a shared store within a second name the same file, which then holds the records of both. */
function endSegment({ closed, sizeBytes }: Walk, { continues }: FoundRecord): string | null {
  const { file } = Object(continues) as { readonly file?: unknown };
  if (typeof file !== "string" || /[/\\]/.test(file) || !closedName.test(file))
    return "it names no closed file that the records before it could be in";
  const last = closed.at(-1);
  if (last?.file === file) closed.pop();
  else if (closed.some((one) => one.file === file))
    return `${file} is named by two files that are not neighbours`;
  closed.push({ file, endBytes: sizeBytes });
  return null;
}
