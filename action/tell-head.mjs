// Says in the job's summary with which record the trail ends, and whether a head of an earlier run was there to compare with.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The commands that compare the trail with the head before they use it. */
const comparing = new Set(["apply", "plan", "rollback", "sync"]);
const inFiles = ".reconcile/head.json";
/** Holds a folder for each organisation, and in it one for each owner. */
const ofSharedStores = ".reconcile/state";

/** Returns the newest head that a run kept in this folder; null if there is none. */
export function readHead() {
  const heads = [
    ...readAt(inFiles, false),
    ...foldersIn(ofSharedStores)
      .flatMap(foldersIn)
      .flatMap((folder) => readAt(join(folder, "head.json"), true)),
  ];
  return heads.sort((a, b) => b.keptMs - a.keptMs)[0] ?? null;
}

/** Returns Markdown; empty for a command that does not use the trail of Genesys Cloud. */
export function tellHead(before, after, { command, args }) {
  if (!comparing.has(command) || args.includes("--sandbox")) return "";
  const sentences = before
    ? [`reconcile compares the trail with the head that an earlier run kept: ${name(before)}.`]
    : [after?.isShared ? unseenInStore : unseen];
  if (after !== null && after.hash !== before?.hash)
    sentences.push(`The trail ${after.isShared && !before ? "" : "now "}ends with ${name(after)}.`);
  return `\nAudit trail: ${sentences.join(" ")}\n`;
}

const unseen = `nothing was compared, because this job has no head of an earlier run (\`${inFiles}\`). If the trail was removed or cut since, this run cannot tell.`;
const unseenInStore =
  "this runner has no head of an earlier run, so it cannot tell whether the trail was cut since: the store has to refuse that, and the summary of the last run names the head that has to be in it.";

function readAt(path, isShared) {
  try {
    const { seq, hash } = JSON.parse(readFileSync(path, "utf8"));
    if (!Number.isSafeInteger(seq) || !/^[0-9a-f]{64}$/.test(hash)) return [];
    return [{ seq, hash, isShared, keptMs: statSync(path).mtimeMs }];
  } catch {
    return [];
  }
}

function foldersIn(folder) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

function name({ seq, hash }) {
  return `record ${seq}, \`${hash}\``;
}
