// Says in the job's summary with which record the trail ends, and whether a head of an earlier run was there to compare with.
import { readFileSync } from "node:fs";

/** The commands that compare the trail with the head before they use it. */
const comparing = new Set(["apply", "plan", "rollback", "sync"]);
const path = ".reconcile/head.json";

/** Returns the head that the last run kept in this folder; null if there is none. */
export function readHead() {
  try {
    const { seq, hash } = JSON.parse(readFileSync(path, "utf8"));
    return Number.isSafeInteger(seq) && /^[0-9a-f]{64}$/.test(hash) ? { seq, hash } : null;
  } catch {
    return null;
  }
}

/** Returns Markdown; empty for a command that does not use the trail of Genesys Cloud. */
export function tellHead(before, after, { command, args }) {
  if (!comparing.has(command) || args.includes("--sandbox")) return "";
  const compared = before
    ? `reconcile compares the trail with the head that an earlier run kept: ${name(before)}.`
    : `nothing was compared, because this job has no head of an earlier run (\`${path}\`). If the trail was removed or cut since, this run cannot tell.`;
  const isNew = after !== null && after.hash !== before?.hash;
  return `\nAudit trail: ${compared}${isNew ? ` The trail now ends with ${name(after)}.` : ""}\n`;
}

function name({ seq, hash }) {
  return `record ${seq}, \`${hash}\``;
}
