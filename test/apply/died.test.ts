// A process that dies, or is followed by another, while a write is under way.
import { describe, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { run } from "../../src/cli/run.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import type { Result } from "../../src/model/result.ts";
import { secret } from "../notify/receiver.ts";
import { seeWorld } from "../support/see.ts";
import { configOfSuite, diskOfAnotherMachine, isFollowed } from "../support/suite-store.ts";
import {
  answer,
  loggedIn,
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  trailPathOf,
  withoutSignsOfLife,
  type TestWorld,
} from "../support/world.ts";
import { type Shown, events, onWrite, pooled, sync } from "./syncs.ts";

const notifying = `apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
notify: [{ kind: webhook, on: [drift] }]
`;
const receiver = "http://127.0.0.1:9/hook";

/** Runs a command; returns its result, and the messages about drift that it sent. */
async function look(argv: string, from: TestWorld) {
  const sent: string[] = [];
  from.files.set("reconcile.yaml", configOfSuite(notifying));
  const { out } = await runWorld({
    ...{ argv, from, processes: { pid: 7, isAlive: () => false } },
    environment: { ...loggedIn, RECONCILE_NOTIFY_WEBHOOK_URL: receiver, RECONCILE_NOTIFY_SECRET: secret },
    intercept: (request, forward) => {
      if (request.url !== receiver) return forward();
      sent.push(request.body ?? "");
      return answer(200);
    },
  });
  return { result: JSON.parse(out) as Result, sent };
}

/** The webhook of the last intent of this operation. */
function intendedIn({ files }: TestWorld, operation: "update" | "delete"): string {
  const intents = trailOf(files).filter(({ event }) => event === "change.intended");
  return String(intents.findLast((intent) => intent.operation === operation)?.webhookId);
}

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
      const dying = makeWorld({ argv: "", from, intercept, processes: { pid: 666 } });
      void run(withoutSignsOfLife(dying));
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
    expect(await verifyTrail(from.files, trailPathOf(from.files))).toMatchObject({ ok: true });
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

  test("what it wrote itself is nobody's drift, in a plan, a sync, the messages and the trail", async () => {
    const first = await sync({ "subscriptions/b.yaml": pooled(2) });
    const { world } = first;
    world.files.set("subscriptions/b.yaml", pooled(3));
    await die(world, "PUT", true);
    await world.clock.sleep(61_000);
    for (const argv of ["plan --output json", "--output json"]) {
      const { result, sent } = await look(argv, world);
      expect([result.drift, sent]).toEqual([[], []]);
      expect(result.operations.filter(({ reason }) => reason.includes("outside"))).toEqual([]);
    }
    expect(trailOf(world.files).filter(({ event }) => event === "drift.found")).toEqual([]);
    // What somebody changes after that is drift again.
    const [id = ""] = world.state.webhooks.keys();
    const hook = world.state.webhooks.get(id);
    if (hook) world.state.webhooks.set(id, { ...hook, state: "disabled" });
    const { result, sent } = await look("--output json", world);
    expect([result.drift.map(({ webhookId }) => webhookId), sent.length]).toEqual([[id], 1]);
  });

  test("what it deleted itself was deleted by nobody else, when it is wanted again", async () => {
    const { world } = await sync({ "subscriptions/b.yaml": pooled(2) });
    world.files.set("subscriptions/b.yaml", pooled(1));
    await die(world, "DELETE", true);
    await world.clock.sleep(61_000);
    world.files.set("subscriptions/b.yaml", pooled(2));
    const { result, sent } = await look("--output json", world);
    expect(result.operations.map(({ action }) => action)).toContain("create");
    expect(result.operations.filter(({ reason }) => reason.includes("outside"))).toEqual([]);
    expect(sent).toEqual([]);
    expect(trailOf(world.files).filter(({ event }) => event === "drift.found")).toEqual([]);
  });

  test("what somebody deletes after it was updated is drift", async () => {
    const { world } = await sync({ "subscriptions/b.yaml": pooled(2) });
    world.files.set("subscriptions/b.yaml", pooled(3));
    await die(world, "PUT", true);
    await world.clock.sleep(61_000);
    const id = intendedIn(world, "update");
    world.state.webhooks.delete(id);
    const { result, sent } = await look("--output json", world);
    expect(result.operations.filter(({ reason }) => reason.includes("outside"))).toHaveLength(1);
    expect(sent).toHaveLength(1);
    const found = trailOf(world.files).filter(({ event }) => event === "drift.found");
    expect(found.map(({ webhookId }) => webhookId)).toEqual([id]);
  });

  function disable({ state }: TestWorld, id: string): void {
    const found = state.webhooks.get(id);
    if (!found) throw new Error(`no webhook ${id}`);
    state.webhooks.set(id, { ...found, state: "disabled" });
  }

  /** How drift of a webhook that somebody disabled reads. */
  const disabled = [{ op: "replace", path: "/state", value: "disabled" }];

  test("drift that it was to put right, and did not, is still drift", async () => {
    const { world } = await sync({ "subscriptions/a.yaml": manifest("alpha") });
    const [id = ""] = world.state.webhooks.keys();
    disable(world, id);
    await die(world, "PUT", false);
    await world.clock.sleep(61_000);
    for (const argv of ["plan --output json", "--output json"]) {
      const { result } = await look(argv, world);
      expect(result.drift).toMatchObject([{ webhookId: id, patch: disabled }]);
      expect(result.operations[0]?.reason).toContain("changed outside this repository");
    }
    expect(world.state.webhooks.get(id)?.state).toBe("enabled");
  });

  test.each([true, false])("what somebody changes after that write is drift (done: %s)", async (isDone) => {
    const { world } = await sync({ "subscriptions/b.yaml": pooled(2) });
    world.files.set("subscriptions/b.yaml", pooled(3));
    await die(world, "PUT", isDone);
    await world.clock.sleep(61_000);
    const id = intendedIn(world, "update");
    disable(world, id);
    for (const argv of ["plan --output json", "--output json"])
      expect((await look(argv, world)).result.drift).toMatchObject([{ webhookId: id, patch: disabled }]);
    const found = trailOf(world.files).filter(({ event }) => event === "drift.found");
    expect(found).toMatchObject([{ webhookId: id, patch: disabled }]);
  });

  test("what somebody changes of a webhook that it was to delete is drift", async () => {
    const { world } = await sync({ "subscriptions/b.yaml": pooled(2) });
    world.files.set("subscriptions/b.yaml", pooled(1));
    await die(world, "DELETE", false);
    await world.clock.sleep(61_000);
    const id = intendedIn(world, "delete");
    disable(world, id);
    const { result } = await look("plan --output json", world);
    expect(result.drift).toMatchObject([{ webhookId: id, patch: disabled }]);
  });

  test("what it wrote is nobody's drift, also while the list shows the drift that was there before", async () => {
    const { world } = await sync({ "subscriptions/a.yaml": manifest("alpha") });
    const [id = ""] = world.state.webhooks.keys();
    disable(world, id);
    const was = world.state.webhooks.get(id);
    world.files.set("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
    await die(world, "PUT", true);
    const { result } = await seeWorld({
      ...{ argv: "plan", from: world, processes: dead },
      intercept: (request, forward) => {
        const answered = forward();
        if (request.method !== "GET" || !answered.body.includes('"entities"')) return answered;
        const page = JSON.parse(answered.body) as { entities: readonly unknown[] };
        return { ...answered, body: JSON.stringify({ ...page, entities: [was] }) };
      },
    });
    expect([result.drift, result.operations]).toEqual([[], []]);
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
      configOfSuite(
        "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nenvironment: mypurecloud.de\n",
      ),
    );
    const elsewhere = await runWorld({ argv: "plan", from, processes: dead });
    expect(elsewhere.out).not.toContain("left the outcome");
  });
});

describe("a run that is followed while its write is in flight", () => {
  const files = { "subscriptions/a.yaml": manifest("alpha") };

  /** The holder's clock stands still, as of a suspended process; then whoever waits follows. */
  async function follow(answerAt: "before the follower opens the trail" | "after the follower is done") {
    const first = makeWorld({ argv: "--output json", files, intercept: (_, forward) => held(forward) });
    const suspended = withoutSignsOfLife(first);
    const second = makeWorld({
      argv: "--output json",
      from: { ...first, files: diskOfAnotherMachine(first.files) },
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
    let hasWoken = false;
    if (answerAt.startsWith("before")) {
      second.files.before = async (operation) => {
        // Before it has the lease, the follower only reads, and keeps the head.
        if (operation !== "openAppend" || !isFollowed(second.files)) return;
        second.files.before = () => undefined;
        hasWoken = true;
        wake();
        await firstEnds;
      };
    }
    const secondEnds = await run(second);
    wake();
    return { first, second, hasWoken, ends: [await firstEnds, secondEnds] };
  }

  test.each(["before the follower opens the trail", "after the follower is done"] as const)(
    "its answer comes %s: the follower alone answers the intent, and the chain holds",
    async (answerAt) => {
      const { first, second, hasWoken, ends } = await follow(answerAt);
      expect(hasWoken).toBe(answerAt.startsWith("before"));
      expect(ends).toEqual([1, 0]);
      expect(first.state.webhooks.size).toBe(1);
      expect(events(second)).toEqual(["change.intended create null", "change.recovered create true"]);
      expect(trailOf(second.files).map(({ event }) => event)).toEqual([
        "run.started",
        "change.intended",
        "run.started",
        "change.recovered",
        "run.finished",
      ]);
      expect(await verifyTrail(second.files, trailPathOf(second.files))).toMatchObject({ ok: true });
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
