// When a run has nothing left to do before its records are on record.
import { expect, test } from "vitest";
import { makeBusy } from "../../src/apply/busy.ts";
import { nextTurn } from "../../src/lib/next-turn.ts";

test("it is idle once no action is under way, and none began in the turn after the last one", async () => {
  const busy = makeBusy();
  const done: string[] = [];
  const ends: (() => void)[] = [];
  const action = (name: string) =>
    busy.during(async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      done.push(name);
    });
  const first = action("first").then(() => action("second"));
  const idle = busy.idle().then(() => done.push("idle"));
  await nextTurn();
  ends[0]?.();
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  expect(done).toEqual(["first"]);
  ends[1]?.();
  await Promise.all([first, idle]);
  expect(done).toEqual(["first", "second", "idle"]);
});

test("an action that fails ends as well", async () => {
  const busy = makeBusy();
  await expect(busy.during(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  await busy.idle();
});
