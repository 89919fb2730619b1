// Makes the store's words of what `pg` returns, and back.
import type { StateKey, StoreTip, TrailHead } from "../shared-store.ts";

export interface TipRow {
  readonly fence: string | null;
  readonly holder: StoreTip["holder"];
  readonly moved_to: string | null;
  readonly seq: string | null;
  readonly hash: string | null;
}

export function tipOf(row: TipRow | undefined): StoreTip {
  return {
    head: headOf(row?.seq ?? null, row?.hash ?? null),
    fence: Number(row?.fence ?? 0),
    holder: row?.holder ?? null,
    movedTo: row?.moved_to ?? null,
  };
}

/** `pg` returns numbers of 64 bits as texts; nulls stand for a trail without records. */
export function headOf(seq: string | null, hash: string | null): TrailHead {
  return { seq: Number(seq ?? 0), hash: hash ?? "0".repeat(64) };
}

/** The parameters `$1` and `$2` of the statements that are about one trail. */
export function valuesOf({ organization, owner }: StateKey): string[] {
  return [organization, owner];
}
