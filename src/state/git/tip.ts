// `tip.json`, the file of a state's commit that says where its trail ends and who holds its lease.
import { number, object, orNull, text, textLike, wholeFrom } from "../../lib/shape.ts";
import { ReconcileError } from "../../model/errors.ts";
import type { StoreTip } from "../shared-store.ts";

export interface Tip extends StoreTip {
  /** Tells takes apart: two machines may have holders that look the same. Null if the lease is free. */
  readonly takenBy: string | null;
}

export const tipFile = "tip.json";
const formatVersion = 1;

export const emptyTip: Tip = {
  head: { seq: 0, hash: "0".repeat(64) },
  fence: 0,
  holder: null,
  movedTo: null,
  takenBy: null,
};

export function formatTip({ head, fence, holder, movedTo, takenBy }: Tip): string {
  return `${JSON.stringify({ formatVersion, head, fence, holder, movedTo, takenBy }, null, 2)}\n`;
}

const shape = object({
  head: object({ seq: wholeFrom(0), hash: textLike(/^[0-9a-f]{64}$/, "a hash") }),
  fence: wholeFrom(0),
  holder: orNull(object({ pid: number, host: text, task: text, since: text })),
  movedTo: orNull(text),
  takenBy: orNull(text),
});

/** Throws ReconcileError `state/refused` if the file is another program's, or a newer version's. */
export function parseTip(content: string, ref: string): Tip {
  const found = parseJson(content);
  const version = typeof found === "object" && found !== null && "formatVersion" in found ? found : null;
  if (version !== null && Number(version.formatVersion) > formatVersion)
    throw new ReconcileError("state/refused", `${ref} was written by a newer version of reconcile`, {
      hint: "use that version, or a newer one",
    });
  const fault = version === null ? `${tipFile} is no such file` : shape(found, "");
  if (fault !== null) throw notOurs(ref, fault);
  const { head, fence, holder, movedTo, takenBy } = found as Tip;
  return { head, fence, holder, movedTo, takenBy };
}

export function notOurs(ref: string, fault: string): ReconcileError {
  return new ReconcileError("state/refused", `${ref} holds no state of reconcile: ${fault}`, {
    hint: "if another program uses that branch, name another one in `state.git.branch`; otherwise restore the branch",
  });
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
