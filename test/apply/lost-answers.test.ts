// Answers that get lost: what is looked up, what is sent again, and what is true after.
import { describe, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpResponse } from "../../src/model/http.ts";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import {
  answer,
  brokenOff,
  makeWorld,
  manifest,
  methodsOf,
  trailOf,
  trailPath,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";
import { events, onWrite, sync } from "./syncs.ts";

/** Every path of a lost answer: done by the platform or not, then the answer is lost. */
const losses: Record<string, (forward: () => HttpResponse) => HttpResponse> = {
  "a reset": () => brokenOff(),
  "a timeout": () => {
    throw new ReconcileError("network/timeout", "no answer in time");
  },
  "a 408": () => answer(408),
  "a 500": () => answer(500),
  "a 503 with HTML": () => ({ status: 503, headers: {}, body: "<html>sorry</html>" }),
  "an unreadable body": () => ({ status: 200, headers: {}, body: '{"id": ' }),
  "an empty body": () => ({ status: 200, headers: {}, body: "" }),
  "a login page": () => ({ status: 200, headers: {}, body: "<html>log in</html>" }),
};

type Action = "create" | "update" | "delete";

const effects = ["took effect", "did not"] as const;

/** Every request of the operation, once as done by the platform and once not. */
const requestsOf = (kind: TestKind, action: Action) =>
  kind.steps[action].flatMap((method) => effects.map((effect) => ({ method, effect })));

/** All that an update may change of every kind. */
const renewed = (group: string, kind: TestKind) =>
  manifest(group, { kind, tail: "  state: disabled" }).replace("/var/data/", "/srv/");

/** For each intent to do so, all that the trail says came of it. */
function endingsOf({ files }: TestWorld, action: Action): readonly (readonly string[])[] {
  const records = trailOf(files);
  return records
    .filter(({ event, operation }) => event === "change.intended" && operation === action)
    .map(({ seq }) =>
      records
        .filter(({ intent }) => intent === seq)
        .map(({ event, success }) => `${event} ${String(success)}`),
    );
}

describe.each(Object.entries(losses))("a write whose answer is lost by %s", (_, lose) => {
  describe.each(kinds)("of $nouns", (kind) => {
    const count = wholeOf(kind, "alpha").length;

    /** Loses the first answer to this method; all the same, the operation is done, once, and on record. */
    async function loseOne(
      start: TestWorld | Record<string, string>,
      action: Action,
      { method, effect, flags = "" }: ReturnType<typeof requestsOf>[number] & { flags?: string },
    ): Promise<TestWorld> {
      const isDone = effect === "took effect";
      const intercept = onWrite(method, (forward) => {
        if (isDone) forward();
        const lost = lose(forward);
        // A DELETE has no body to be unreadable: an empty 200 is its success.
        return method === "DELETE" && lost.status === 200 ? answer(500) : lost;
      });
      const { world, became, status } = await sync(start, intercept, flags);
      // What is made in steps looks before each of them: it is not lost from sight.
      const first = isDone && !kind.isMadeInSteps ? "recovered" : "applied";
      const others = Array.from({ length: count - 1 }, () => "applied");
      expect([became, status]).toEqual([[first, ...others].map((what) => `${action} ${what}`), 0]);
      const steps = kind.steps[action].flatMap((step) =>
        step === method && !isDone ? [step, step] : [step],
      );
      expect(methodsOf(world)).toEqual([...steps, ...others.flatMap(() => kind.steps[action])]);
      expect(endingsOf(world, action)).toEqual([first, ...others].map((what) => [`change.${what} true`]));
      expect(await verifyTrail(world.files, trailPath)).toMatchObject({ ok: true });
      const next = await sync(world, undefined, flags);
      expect([next.became, next.status, methodsOf(next.world)]).toEqual([[], 0, []]);
      return world;
    }

    test.each(requestsOf(kind, "create"))("a create whose $method $effect", async (lost) => {
      const world = await loseOne({ "subscriptions/a.yaml": manifest("alpha", { kind }) }, "create", lost);
      expect(storedIn(world)).toEqual(wholeOf(kind, "alpha"));
      const recorded = trailOf(world.files).filter(({ intent }) => intent !== null);
      expect(new Set(recorded.map(({ webhookId }) => webhookId))).toEqual(
        new Set(kind.stored(world.state).map(({ id }) => id)),
      );
    });

    test.each(requestsOf(kind, "update"))("an update whose $method $effect", async (lost) => {
      const { world } = await sync({ "subscriptions/a.yaml": manifest("alpha", { kind }) });
      const ids = kind.stored(world.state).map(({ id }) => id);
      world.files.set("subscriptions/a.yaml", renewed("alpha", kind));
      await loseOne(world, "update", lost);
      const [before] = wholeOf(kind, "alpha");
      const description = before?.description.replace("/var/data/", "/srv/") ?? "";
      expect(storedIn(world)).toEqual(wholeOf(kind, "alpha", { state: "disabled", description }));
      expect(kind.stored(world.state).map(({ id }) => id)).toEqual(ids);
    });

    test.each(requestsOf(kind, "delete"))("a delete whose $method $effect", async (lost) => {
      const { world } = await sync({
        "subscriptions/a.yaml": manifest("alpha", { kind }),
        "subscriptions/b.yaml": manifest("b", { kind }),
      });
      world.files.take("subscriptions/a.yaml");
      await loseOne(world, "delete", { ...lost, flags: "--prune --allow-deletes" });
      expect(storedIn(world)).toEqual(wholeOf(kind, "b"));
    });
  });
});

/** As often as a driver takes a step before it says that it does not know. */
const mostLosses = 8;

describe.each(kinds.filter(({ isMadeInSteps }) => isMadeInSteps))("one of $nouns, half-way", (kind) => {
  const edits: Record<Action, (world: TestWorld) => void> = {
    create: ({ files }) => {
      files.set("subscriptions/c.yaml", manifest("c", { kind }));
    },
    update: ({ files }) => {
      files.set("subscriptions/a.yaml", renewed("alpha", kind));
    },
    delete: ({ files }) => {
      files.take("subscriptions/a.yaml");
    },
  };
  const followed = (["create", "update", "delete"] as const).flatMap((action) =>
    kind.steps[action].filter((method) => method !== "POST").map((method) => ({ action, method })),
  );

  test.each(followed)("goes on after the $method of its $action was lost too often", async (lost) => {
    const { action, method } = lost;
    const { world } = await sync({
      "subscriptions/a.yaml": manifest("alpha", { kind }),
      "subscriptions/b.yaml": manifest("b", { kind }),
    });
    edits[action](world);
    const losing = onWrite(
      method,
      () => brokenOff(),
      (count) => count <= mostLosses,
    );
    const flags = "--prune --allow-deletes";
    const { became, status, ...last } = await sync(world, losing, flags);
    expect([became, status]).toEqual([[`${action} applied`], 0]);
    expect(methodsOf(last.world)).toEqual(
      kind.steps[action].flatMap(
        (step) => Array(step === method ? mostLosses + 1 : 1).fill(step) as string[],
      ),
    );
    expect(endingsOf(world, action).at(-1)).toEqual(["change.applied true"]);
    expect((await sync(world, undefined, flags)).became).toEqual([]);
    const groups = action === "create" ? ["alpha", "b", "c"] : action === "delete" ? ["b"] : ["alpha", "b"];
    expect(kind.stored(world.state).map(({ endpoint }) => endpoint)).toEqual(groups.map(kind.endpointOf));
  });
});

describe.each(kinds)("a create of $nouns that is late", (kind) => {
  test("is not sent again before it can have arrived, where the platform would take both", async () => {
    const start = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha", { kind }) } });
    const sentAtMs: number[] = [];
    const lostAndNoted: Intercept = (request, forward) => {
      if (request.method !== "POST" || request.url.includes("/oauth/")) return forward();
      sentAtMs.push(start.clock.now());
      return sentAtMs.length === 1 ? brokenOff() : forward();
    };
    const { status } = await sync(start, lostAndNoted);
    expect(status).toBe(0);
    const [sent = 0] = sentAtMs;
    const lastMs = (sentAtMs.at(-1) ?? 0) - sent;
    expect(lastMs).toBeGreaterThanOrEqual(kind.isUnique ? 1_000 : 60_000);
    expect(lastMs).toBeLessThan(kind.isUnique ? 10_000 : 70_000);
    expect(storedIn(start)).toEqual(wholeOf(kind, "alpha"));
  });

  test("makes no duplicate when it arrives", async () => {
    const start = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha", { kind }) } });
    let arrival: Promise<unknown> | undefined;
    const { status } = await sync(
      start,
      onWrite("POST", (forward) => {
        arrival = start.clock.sleep(50_000).then(forward);
        return brokenOff();
      }),
    );
    await arrival;
    expect([status, storedIn(start)]).toEqual([0, wholeOf(kind, "alpha")]);
    expect((await sync(start)).became).toEqual([]);
  });
});

test("a create that arrives late, after it was sent again, makes no duplicate", async () => {
  let late: (() => HttpResponse) | undefined;
  const { world, became, status } = await sync(
    { "subscriptions/a.yaml": manifest("alpha") },
    onWrite(
      "POST",
      (forward) => {
        if (!late) {
          late = forward;
          throw new ReconcileError("network/timeout", "no answer in time");
        }
        late(); // the first one is stored at last: this one meets it
        return forward();
      },
      () => true,
    ),
  );
  expect([became, status]).toEqual([["create recovered"], 0]);
  expect(world.state.webhooks.size).toBe(1);
});

test("a write that is lost again and again is given up as unknown, and put right by the next pass", async () => {
  const lost = await sync(
    { "subscriptions/a.yaml": manifest("alpha") },
    onWrite(
      "POST",
      () => brokenOff(),
      () => true,
    ),
  );
  expect([lost.became, lost.status]).toEqual([["create unknown"], 1]);
  await lost.world.clock.sleep(61_000);
  expect(lost.result.operations[0]?.error).toMatch(
    / the connection broke off; sent 3 times, without effect so far$/,
  );
  const next = await sync(lost.world);
  expect([next.became, next.status]).toEqual([["create applied"], 0]);
  // The next pass also records what came of the unknown one.
  expect(events(next.world)).toEqual([
    "change.intended create null",
    "change.failed create null",
    "change.failed create false",
    "change.intended create null",
    "change.applied create true",
  ]);
});

test("a refusal after a lost answer leaves open what came of the first sending", async () => {
  let count = 0;
  const lost = await sync(
    { "subscriptions/a.yaml": manifest("alpha") },
    onWrite(
      "POST",
      () => ((count += 1) === 1 ? brokenOff() : answer(403)),
      () => true,
    ),
  );
  expect(lost.became).toEqual(["create unknown"]);
  expect(events(lost.world)).toEqual(["change.intended create null", "change.failed create null"]);
});

test("an answer that says something else than was sent is a failure, not a success", async () => {
  const { became, result } = await sync(
    { "subscriptions/a.yaml": manifest("alpha") },
    onWrite("POST", (forward) => {
      const stored = JSON.parse(forward().body) as object;
      return answer(201, { ...stored, eventTypes: ["a.created"] });
    }),
  );
  expect(became).toEqual(["create failed"]);
  expect(result.operations[0]?.error).toBe(
    "the platform stored something else than was sent: eventTypes/1",
  );
});
