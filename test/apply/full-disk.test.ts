// The disk is full from some moment of a pass on: the next pass with room settles every intent that this left open.
import { describe, expect, test } from "vitest";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import { makeWorld, manifest, runWorld, trailOf, type TestWorld } from "../support/world.ts";

const writing = new Set(["append", "sync", "write", "create", "openAppend"]);

/** From the nth write on, the disk takes nothing more; of the nth append it takes a part. */
function fillUp(files: MemoryFiles, nth: number, part: number): () => boolean {
  let count = 0;
  files.before = (operation) => {
    if (!writing.has(operation)) return;
    count += 1;
    if (count < nth) return;
    files.failNext(operation, "ENOSPC", count === nth ? part : 0);
  };
  return () => count >= nth;
}

/** The intents without an outcome that says yes or no. */
function openIn(world: TestWorld): string[] {
  const records = trailOf(world.files);
  return records
    .filter(({ event }) => event === "change.intended")
    .filter(({ seq }) => !records.some(({ intent, success }) => intent === seq && success !== null))
    .map(({ seq, operation }) => `${seq} ${operation ?? ""}`);
}

const stages: readonly (readonly [string, (kind: TestKind) => string | null])[] = [
  ["create", (kind) => manifest("alpha", { kind })],
  ["update", (kind) => manifest("alpha", { kind }).replace("/var/data/", "/srv/")],
];

/** How much of an append is written; in `npm test` a part of a record, in `npm run attack` also nothing, and all of it. */
const parts = process.env["ATTACK"] === "long" ? [0, 1_500, 1_000_000] : [1_500];

describe.each(kinds)("of $nouns", (kind) => {
  describe.each(parts)("with %i bytes of the append that meets it", (part) => {
    test.each(stages)("a full disk in a pass that makes a %s leaves nothing open", async (stage, text) => {
      for (let nth = 1; ; nth += 1) {
        const files = makeMemoryFiles({ "subscriptions/beside.yaml": manifest("beside", { kind }) });
        let world = makeWorld({ argv: "", from: { ...makeWorld({ argv: "" }), files } });
        if (stage === "update") {
          files.set("subscriptions/a.yaml", manifest("alpha", { kind }));
          world = (await runWorld({ argv: "sync", from: world })).world;
        }
        files.set("subscriptions/a.yaml", text(kind) ?? "");
        const isReached = fillUp(files, nth, part);
        await runWorld({ argv: "sync", from: world });
        files.before = () => undefined;
        if (!isReached()) return;
        const next = await runWorld({ argv: "sync", from: world });
        expect([nth, next.status, openIn(next.world)]).toEqual([nth, 0, []]);
        expect(storedIn(next.world)).toHaveLength(2 * wholeOf(kind, "alpha").length);
      }
    });
  });
});
