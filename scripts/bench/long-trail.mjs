// Makes a long trail of what a pass has recorded: runs that changed each webhook often, and left it as it is live.
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** Changes of one run. */
const changesOfRun = 100;
const second = 1000;

/**
 * Writes a trail of about so many records to `to`. `from` is the trail of the pass that made what is live; its records are
 * the last ones. `sealRecord` is the product's own.
 */
export function writeLongTrail({ from, to, records, sealRecord }) {
  const found = readFileSync(from, "utf8").trimEnd().split("\n").map(JSON.parse);
  const applied = found.filter(({ event }) => event === "change.applied");
  const [started, finished] = [found.at(0), found.at(-1)];
  const file = openSync(to, "w", 0o600);
  let previous = { seq: 0, hash: "0".repeat(64) };
  let timeMs = Date.parse("2024-01-01T00:00:00.000Z");
  let held = [];
  const write = (record, seal = {}) => {
    const content = { ...record, ...seal, seq: previous.seq + 1, prevHash: previous.hash };
    const sealed = sealRecord(content);
    previous = { seq: content.seq, hash: sealed.record.hash };
    held.push(sealed.line);
    if (held.length < 2000) return;
    writeSync(file, held.join(""));
    held = [];
  };
  const wanted = records - found.length;
  for (let run = 0, at = 0; previous.seq < wanted; run += 1) {
    const seal = () => ({ runId: `bench-${run}`, timestamp: new Date((timeMs += second)).toISOString() });
    write(started, seal());
    for (let change = 0; change < changesOfRun; change += 1, at += 1) {
      const last = applied[at % applied.length];
      const retryPolicy = { ...last.after.retryPolicy, retryCount: 1 + (run % 9) };
      const changed = {
        ...last,
        operation: "update",
        before: last.after,
        after: { ...last.after, retryPolicy },
      };
      const patch = [{ op: "replace", path: "/retryPolicy/retryCount", value: retryPolicy.retryCount }];
      const intended = { ...changed, patch, event: "change.intended", intent: null };
      write({ ...intended, success: null, latencyMs: null }, seal());
      write({ ...changed, patch, intent: previous.seq }, seal());
    }
    write(finished, seal());
  }
  const base = previous.seq;
  for (const record of found)
    write(typeof record.intent === "number" ? { ...record, intent: record.intent + base } : record);
  writeSync(file, held.join(""));
  closeSync(file);
  return previous;
}
