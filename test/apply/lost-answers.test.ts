// Answers that get lost, webhooks that someone else changes meanwhile, processes that die: what is still true after.
import { describe, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { run } from "../../src/cli/run.ts";
import { compareText } from "../../src/lib/compare.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import { kinds, type Stored, type TestKind } from "../support/kinds.ts";
import {
  answer,
  brokenOff,
  makeWorld,
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

const trailPath = "audit-logs/subscription_audit.log";
const pool = (size: number) => Array.from({ length: size }, (_, index) => `https://p.example.com/${index}`);
const eventTypes = ["e.a", "e.b", "e.c", "e.d"];
const pooled = (size: number) =>
  manifest("beta", { pool: pool(size), eventTypes }).replace(
    "https://events.example.com/beta",
    pool(1)[0] ?? "",
  );

interface Shown {
  readonly ok: boolean;
  readonly operations: readonly {
    action: string;
    status: string;
    endpoint: string;
    error: string | null;
  }[];
  readonly groups: readonly { moves: unknown[] }[];
  readonly summary: Record<string, number>;
  readonly diagnostics: readonly { severity: string; code: string; message: string }[];
}

async function sync(start: TestWorld | Record<string, string>, intercept?: Intercept, flags = "") {
  const from = isWorld(start) ? start : makeWorld({ argv: "", files: start });
  const run = await runWorld({ argv: `--output json ${flags}`, from, ...(intercept ? { intercept } : {}) });
  const result = JSON.parse(run.out) as Shown;
  const became = result.operations.map(({ action, status }) => `${action} ${status}`);
  return { ...run, result, became };
}

function isWorld(start: TestWorld | Record<string, string>): start is TestWorld {
  return typeof start.files === "object";
}

/** The nth write of this kind gets this treatment; all else goes through. */
function onWrite(
  method: HttpRequest["method"],
  treat: (forward: () => HttpResponse, request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
  which: (count: number) => boolean = (count) => count === 1,
): Intercept {
  let count = 0;
  return (request, forward) => {
    if (request.method !== method || request.url.includes("/oauth/")) return forward();
    count += 1;
    return which(count) ? treat(forward, request) : forward();
  };
}

const events = (world: TestWorld, run?: string) =>
  trailOf(world.files)
    .filter(({ event }) => event.startsWith(run ?? "change."))
    .map(({ event, operation, success }) => `${event} ${operation ?? ""} ${String(success)}`);

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

/** What there shall be of a group: one an endpoint or, of triggers, one an event type. */
function wholeOf(kind: TestKind, group: string, more: Partial<Stored> = {}): Omit<Stored, "id">[] {
  const { granularity, eventTypes: types, endpointOf } = kind;
  const description = `Consumer group: ${group} | Offset tracking: /var/data/${group}.json | Managed by: reconcile (default)`;
  return (granularity === "endpoint" ? [types] : types.map((type) => [type])).map((delivered) => ({
    ...{ endpoint: endpointOf(group), eventTypes: delivered, state: "enabled", description, ...more },
  }));
}

/** All that an update may change of every kind. */
const renewed = (group: string, kind: TestKind) =>
  manifest(group, { kind, tail: "  state: disabled" }).replace("/var/data/", "/srv/");

/** Also what is left over empty. */
const storedOf = (kind: TestKind, { state }: TestWorld) =>
  kind
    .stored(state)
    .map(({ endpoint, eventTypes: types, state: now, description }) => ({
      ...{ endpoint, eventTypes: types, state: now, description },
    }))
    .sort((a, b) => compareText(a.eventTypes[0] ?? "", b.eventTypes[0] ?? ""));

const writesOf = ({ requests }: TestWorld) =>
  requests.filter((sent) => !/^GET|\/oauth\//.test(sent)).map((sent) => sent.split(" ")[0]);

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
      expect(writesOf(world)).toEqual([...steps, ...others.flatMap(() => kind.steps[action])]);
      expect(endingsOf(world, action)).toEqual([first, ...others].map((what) => [`change.${what} true`]));
      expect(await verifyTrail(world.files, trailPath)).toMatchObject({ ok: true });
      const next = await sync(world, undefined, flags);
      expect([next.became, next.status, writesOf(next.world)]).toEqual([[], 0, []]);
      return world;
    }

    test.each(requestsOf(kind, "create"))("a create whose $method $effect", async (lost) => {
      const world = await loseOne({ "subscriptions/a.yaml": manifest("alpha", { kind }) }, "create", lost);
      expect(storedOf(kind, world)).toEqual(wholeOf(kind, "alpha"));
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
      expect(storedOf(kind, world)).toEqual(wholeOf(kind, "alpha", { state: "disabled", description }));
      expect(kind.stored(world.state).map(({ id }) => id)).toEqual(ids);
    });

    test.each(requestsOf(kind, "delete"))("a delete whose $method $effect", async (lost) => {
      const { world } = await sync({
        "subscriptions/a.yaml": manifest("alpha", { kind }),
        "subscriptions/b.yaml": manifest("b", { kind }),
      });
      world.files.take("subscriptions/a.yaml");
      await loseOne(world, "delete", { ...lost, flags: "--prune --allow-deletes" });
      expect(storedOf(kind, world)).toEqual(wholeOf(kind, "b"));
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
    expect(writesOf(last.world)).toEqual(
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
    expect(storedOf(kind, start)).toEqual(wholeOf(kind, "alpha"));
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
    expect([status, storedOf(kind, start)]).toEqual([0, wholeOf(kind, "alpha")]);
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

describe("what someone else does meanwhile", () => {
  test("a webhook deleted while it is to be updated is made anew in the same pass", async () => {
    const first = await sync({ "subscriptions/a.yaml": manifest("alpha") });
    first.world.files.set("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
    const { became, world, result, status } = await sync(
      first.world,
      onWrite("PUT", (forward) => {
        first.world.state.webhooks.clear();
        return forward();
      }),
    );
    expect([became, status]).toEqual([["create applied"], 0]);
    expect([...world.state.webhooks.values()].map(({ eventTypes: types }) => types)).toEqual([
      ["a.created"],
    ]);
    expect(result.diagnostics).toEqual([
      expect.objectContaining({
        severity: "warning",
        code: "group/replanned",
        file: "subscriptions/a.yaml",
        line: 1,
      }),
    ]);
    expect(result.diagnostics[0]?.message).toMatch(
      /^group "alpha" was planned anew: update of alpha-[0-9a-f]{8}: someone deleted it; PUT [^ ]+: not found \(404\)/,
    );
    expect(events(world).slice(-4)).toEqual([
      "change.intended update null",
      "change.failed update false",
      "change.intended create null",
      "change.applied create true",
    ]);
  });

  test.each([
    ["ours", "default", ["update applied"], 0],
    ["someone else's", "other", ["create skipped"], 1],
  ])(
    "a webhook of the same name and endpoint that is %s by the time it is made",
    async (_, owner, expected, exit) => {
      const before = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
      const { became, world, status, result } = await sync(
        before,
        onWrite("POST", (forward, request) => {
          const { name, endpoint } = JSON.parse(request.body ?? "") as { name: string; endpoint: string };
          putWebhook(before.state, {
            id: "theirs",
            group: "alpha",
            owner,
            name,
            endpoint,
            eventTypes: ["x.y"],
          });
          return forward();
        }),
      );
      expect([became, status]).toEqual([expected, exit]);
      const isTheirs = owner === "other";
      expect([...world.state.webhooks.values()].map(({ eventTypes: types }) => types)).toEqual([
        isTheirs ? ["x.y"] : ["a.created", "a.ended"],
      ]);
      expect(result.diagnostics.map(({ code }) => code)).toEqual(
        isTheirs ? ["group/replanned", "ownership/otherOwner"] : ["group/replanned"],
      );
    },
  );

  test("a webhook that was to be deleted, and is by now what was to be made, stays", async () => {
    const first = await sync({ "subscriptions/b.yaml": pooled(2) });
    const { state } = first.world;
    const move = (id: string, endpoint: string): void => {
      const webhook = state.webhooks.get(id);
      if (webhook) state.webhooks.set(id, { ...webhook, endpoint });
    };
    const [home = "", other = ""] = pool(2);
    const moved = [...state.webhooks.values()].find(({ endpoint }) => endpoint === other)?.id ?? "";
    // There it is one too many; by the time that another is made in its place, somebody has put it back.
    move(moved, home);
    const { status, result } = await sync(
      first.world,
      onWrite("POST", (forward) => {
        move(moved, other);
        return forward();
      }),
    );
    expect(result.diagnostics.map(({ code }) => code)).toEqual(["group/replanned"]);
    expect(result.diagnostics[0]?.message).toContain(`someone made it of webhook ${moved}; POST`);
    expect(status).toBe(0);
    const webhooks = [...state.webhooks.values()];
    expect(webhooks.map(({ endpoint }) => endpoint).sort()).toEqual([home, other]);
    expect(webhooks.flatMap(({ eventTypes: types }) => types).sort()).toEqual(eventTypes);
    expect((await sync(first.world)).became).toEqual([]);
  });

  test.each([
    ["deleted", (world: TestWorld, id: string) => void world.state.webhooks.delete(id)],
    [
      "disabled",
      (world: TestWorld, id: string) => {
        const webhook = world.state.webhooks.get(id);
        if (webhook) world.state.webhooks.set(id, { ...webhook, state: "disabled" });
      },
    ],
    [
      "stripped of an event type",
      (world: TestWorld, id: string) => {
        const webhook = world.state.webhooks.get(id);
        if (webhook) world.state.webhooks.set(id, { ...webhook, eventTypes: webhook.eventTypes.slice(1) });
      },
    ],
  ])(
    "a gainer %s before the loser is written: the group is planned anew, without a gap",
    async (_, edit) => {
      const first = await sync({ "subscriptions/b.yaml": pooled(1) });
      first.world.files.set("subscriptions/b.yaml", pooled(2));
      const undelivered: string[] = [];
      let edited = false;
      const { world, status, result } = await sync(first.world, (request, forward) => {
        const { state } = first.world;
        const answered = forward();
        if (request.method === "POST" && request.url.endsWith("/webhooks") && !edited) {
          edited = true;
          edit(first.world, (JSON.parse(answered.body) as { id: string }).id);
        }
        const enabled = [...state.webhooks.values()].filter((webhook) => webhook.state === "enabled");
        const delivered = new Set(enabled.flatMap((webhook) => webhook.eventTypes));
        undelivered.push(...eventTypes.filter((eventType) => !delivered.has(eventType)));
        return answered;
      });
      expect([undelivered, status]).toEqual([[], 0]);
      expect(result.diagnostics.map(({ code }) => code)).toEqual(["group/replanned"]);
      expect(
        [...world.state.webhooks.values()].map(({ eventTypes: types, state }) => [types.length, state]),
      ).toEqual([
        [2, "enabled"],
        [2, "enabled"],
      ]);
      expect(result.groups[0]?.moves.length).toBe(2);
      expect(result.summary).toMatchObject({ movedEventTypes: 2, failed: 0, skipped: 0 });
      expect((await sync(world)).became).toEqual([]);
    },
  );

  test("a webhook whose create's answer was lost, renamed before it was looked up, is not made twice", async () => {
    const before = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
    const { became, status } = await sync(
      before,
      onWrite("POST", (forward) => {
        forward();
        const [made] = [...before.state.webhooks.values()];
        if (made) before.state.webhooks.set(made.id, { ...made, name: "renamed" });
        return brokenOff();
      }),
    );
    expect([became, status]).toEqual([["update applied"], 0]);
    expect([...before.state.webhooks.values()].map(({ name }) => name)).toEqual([
      expect.stringMatching(/^alpha-[0-9a-f]{8}$/),
    ]);
    expect((await sync(before)).became).toEqual([]);
  });

  test("a gainer disabled while a delete is looked up: it is not sent again before the gainer delivers", async () => {
    const first = await sync({ "subscriptions/b.yaml": pooled(2) });
    first.world.files.set("subscriptions/b.yaml", pooled(1));
    const { state } = first.world;
    const [home = ""] = pool(1);
    const gainer = [...state.webhooks.values()].find(({ endpoint }) => endpoint === home)?.id ?? "";
    const isDelivering: boolean[] = [];
    const { status, result } = await sync(
      first.world,
      onWrite(
        "DELETE",
        (forward) => {
          const webhook = state.webhooks.get(gainer);
          if (!webhook) throw new Error("the gainer");
          isDelivering.push(webhook.state === "enabled");
          if (isDelivering.length > 1) return forward();
          state.webhooks.set(gainer, { ...webhook, state: "disabled" });
          return brokenOff();
        },
        () => true,
      ),
    );
    expect([isDelivering, status]).toEqual([[true, true], 0]);
    expect(result.diagnostics[0]?.message).toContain(
      `not sent, because webhook ${gainer} was disabled by someone else`,
    );
    expect([...state.webhooks.values()].map(({ endpoint, state: now }) => [endpoint, now])).toEqual([
      [home, "enabled"],
    ]);
  });

  test("a gainer that cannot be read again keeps the loser from being written", async () => {
    const first = await sync({ "subscriptions/b.yaml": pooled(1) });
    first.world.files.set("subscriptions/b.yaml", pooled(2));
    const { became, world, result } = await sync(first.world, (request, forward) =>
      request.method === "GET" && /\/webhooks\/[^/?]+$/.test(request.url) ? answer(403) : forward(),
    );
    expect(became).toEqual(["create applied", "update failed"]);
    expect(result.operations[1]?.error).toMatch(/^GET \/api\/v2\/webhooks\/[^ ]+: forbidden \(403\)/);
    expect(world.requests.some((sent) => sent.startsWith("PUT"))).toBe(false);
  });

  test("a group that is out of date again and again is left to the next pass", async () => {
    const first = await sync({ "subscriptions/a.yaml": manifest("alpha") });
    first.world.files.set("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
    const { became, world, result, status } = await sync(
      first.world,
      onWrite(
        "PUT",
        () => answer(409, { message: "busy" }),
        () => true,
      ),
    );
    expect([became, status]).toEqual([["update failed"], 1]);
    expect(world.requests.filter((sent) => sent.startsWith("PUT")).length).toBe(4);
    expect(result.operations[0]?.error).toMatch(/: conflicts with what is there \(409\): busy/);
    expect(result.diagnostics.at(-1)?.message).toBe(
      'group "alpha" was planned anew 3 times, and is out of date again',
    );
  });
});

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
          /^sent, but its outcome is not on record: this run may have been followed by another one/,
        ) as unknown,
      });
      expect(diagnostics.map(({ code }) => code)).toContain("audit/takenOver");
    },
  );
});
