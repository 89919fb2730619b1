// A process that dies, or is followed by another, while a write is under way.
import { describe, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { run } from "../../src/cli/run.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import { makeWorld, manifest, runWorld, trailOf, trailPath, type TestWorld } from "../support/world.ts";
import { type Shown, events, onWrite, pooled, sync } from "./syncs.ts";

describe("a process that died", () => {
  const dead = { pid: 7, isAlive: () => false };

  /** Dies with its first write of this kind, which the platform has or has not done by then. */
  async function die(from: TestWorld, method: HttpRequest["method"], isDone: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const intercept = onWrite(method, (forward) => {
        if (isDone) forward();
        resolve();
        return new Promise<HttpResponse>(() => undefined);
      });
      void runWorld({ argv: "", from, intercept, processes: { pid: 666 } });
    });
  }

  test.each([
    [true, [], "change.recovered create true", "a create that took effect"],
    [false, ["create applied"], "change.failed create false", "a create that did not"],
  ])("%s %s: its intent is closed by what is live", async (isDone, became, closing) => {
    const from = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
    await die(from, "POST", isDone);
    const plan = await runWorld({ argv: "plan", from, processes: dead });
    expect(plan.out).toContain("warning: run id-1 left the outcome of 1 write open");
    await from.clock.sleep(61_000);
    const next = await runWorld({ argv: "--output json", from, processes: dead });
    const result = JSON.parse(next.out) as Shown;
    expect(result.operations.map(({ action, status }) => `${action} ${status}`)).toEqual(became);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(["run/cutShort"]);
    expect(events(from)[1]).toBe(closing);
    expect(trailOf(from.files).filter(({ intent }) => intent === 2).length).toBe(1);
    expect(await verifyTrail(from.files, trailPath)).toMatchObject({ ok: true });
    // And then there is nothing left to close.
    const records = trailOf(from.files).length;
    const last = await runWorld({ argv: "", from, processes: dead });
    expect([last.status, trailOf(from.files).length]).toEqual([0, records]);
  });

  test.each([
    [true, "change.recovered"],
    [false, "change.failed"],
  ])("updates and deletes are closed, too (done: %s)", async (isDone, closing) => {
    for (const method of ["PUT", "DELETE"] as const) {
      const first = await sync({ "subscriptions/b.yaml": pooled(2) });
      first.world.files.set("subscriptions/b.yaml", pooled(method === "PUT" ? 3 : 1));
      await die(first.world, method, isDone);
      await first.world.clock.sleep(61_000);
      const next = await runWorld({ argv: "", from: first.world, processes: dead });
      expect(next.status).toBe(0);
      const opened = trailOf(first.world.files).filter(({ event }) => event === "change.intended");
      const closed = trailOf(first.world.files).filter(({ success }) => success !== null);
      expect(opened.every(({ seq }) => closed.filter(({ intent }) => intent === seq).length === 1)).toBe(
        true,
      );
      const kind = method === "PUT" ? "update" : "delete";
      expect(events(first.world)).toContain(`${closing} ${kind} ${String(isDone)}`);
    }
  });

  test("what has not taken effect a moment after the end may yet: the trail does not say that it failed", async () => {
    const from = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
    await die(from, "POST", false);
    await runWorld({ argv: "", from, processes: dead });
    expect(trailOf(from.files).find(({ event }) => event === "change.failed")).toMatchObject({
      intent: 2,
      success: null,
      error: expect.stringMatching(
        /ended before it knew; it had not taken effect when looked for$/,
      ) as unknown,
    });
  });

  test("the intents of another environment are not judged by this one", async () => {
    const from = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
    await die(from, "POST", false);
    from.files.set(
      "reconcile.yaml",
      "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nenvironment: mypurecloud.de\n",
    );
    const elsewhere = await runWorld({ argv: "plan", from, processes: dead });
    expect(elsewhere.out).not.toContain("incomplete");
  });
});

describe("a run that is followed while its write is in flight", () => {
  const files = { "subscriptions/a.yaml": manifest("alpha") };

  /** The holder's clock stands still, as of a suspended process; then whoever waits follows. */
  async function follow(answerAt: "before the follower opens the trail" | "after the follower is done") {
    const first = makeWorld({ argv: "--output json", files, intercept: (_, forward) => held(forward) });
    const suspended = { ...first, clock: { ...first.clock, repeat: () => () => undefined } };
    const second = makeWorld({
      argv: "--output json",
      from: first,
      processes: { pid: 200, machine: "another" },
    });
    let wake = (): void => undefined;
    const awake = new Promise<void>((resolve) => (wake = resolve));
    let isSent = (): void => undefined;
    const sent = new Promise<void>((resolve) => (isSent = resolve));
    let posts = 0;
    const held = async (forward: () => HttpResponse): Promise<HttpResponse> => {
      const answered = forward();
      if (answered.status !== 201 || (posts += 1) > 1) return answered;
      isSent();
      await awake;
      return answered;
    };
    const firstEnds = run(suspended);
    await sent;
    if (answerAt.startsWith("before")) {
      first.files.before = async (operation) => {
        if (operation !== "openAppend") return;
        first.files.before = () => undefined;
        wake();
        await firstEnds;
      };
    }
    const secondEnds = await run(second);
    wake();
    return { first, second, ends: [await firstEnds, secondEnds] };
  }

  test.each(["before the follower opens the trail", "after the follower is done"] as const)(
    "its answer comes %s: the follower alone answers the intent, and the chain holds",
    async (answerAt) => {
      const { first, ends } = await follow(answerAt);
      expect(ends).toEqual([1, 0]);
      expect(first.state.webhooks.size).toBe(1);
      expect(events(first)).toEqual(["change.intended create null", "change.recovered create true"]);
      expect(trailOf(first.files).map(({ event }) => event)).toEqual([
        "run.started",
        "change.intended",
        "run.started",
        "change.recovered",
        "run.finished",
      ]);
      expect(await verifyTrail(first.files, trailPath)).toMatchObject({ ok: true });
      const { operations, diagnostics } = JSON.parse(first.out()) as Shown;
      expect(operations[0]).toMatchObject({
        status: "unknown",
        error: expect.stringMatching(
          /^sent, but its outcome is not on record: another run may have taken over/,
        ) as unknown,
      });
      expect(diagnostics.map(({ code }) => code)).toContain("audit/takenOver");
    },
  );
});
