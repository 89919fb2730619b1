// What somebody else changes while a pass is under way.
import { describe, expect, test } from "vitest";
import {
  answer,
  brokenOff,
  makeWorld,
  manifest,
  putWebhook,
  writesOf,
  type TestWorld,
} from "../support/world.ts";
import { eventTypes, events, onWrite, pool, pooled, sync } from "./syncs.ts";

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

  // The API lets anybody send a webhook anywhere, so its endpoint does not tell that it is one.
  test.each(["workflow:5a5b6c7d-0000-4000-8000-000000000001", "eventbridge:123456789012/us-east-1"])(
    "a webhook that somebody sent to %s is still written as a webhook",
    async (endpoint) => {
      const send = (world: TestWorld): void => {
        for (const [id, webhook] of world.state.webhooks)
          world.state.webhooks.set(id, { ...webhook, endpoint });
      };
      const first = await sync({ "subscriptions/a.yaml": manifest("alpha") });
      send(first.world);
      const back = await sync(first.world);
      expect([back.became, back.status]).toEqual([["update applied"], 0]);
      expect(writesOf(back.world).map((sent) => sent.replace(/[^/]+$/, "…"))).toEqual([
        "PUT /api/v2/webhooks/…",
      ]);
      expect([...back.world.state.webhooks.values()].map((one) => one.endpoint)).toEqual([
        "https://events.example.com/alpha",
      ]);
      send(back.world);
      back.world.files.set("subscriptions/a.yaml", manifest("beta"));
      const pruned = await sync(back.world, undefined, "--prune --allow-deletes");
      expect([pruned.became, pruned.status]).toEqual([["create applied", "delete applied"], 0]);
      expect(pruned.world.state.webhooks.size).toBe(1);
      expect(writesOf(pruned.world).at(-1)).toMatch(/^DELETE .*\/webhooks\//);
    },
  );

  test("an orphan stays while the one that is to deliver its event types has been deleted", async () => {
    const first = await sync({
      "subscriptions/a.yaml": manifest("alpha"),
      "subscriptions/b.yaml": manifest("beta"),
    });
    const { state, files } = first.world;
    files.set("subscriptions/b.yaml", manifest("gamma", { eventTypes: ["c.created"] }));
    const idOf = (group: string) =>
      [...state.webhooks.values()].find(({ endpoint }) => endpoint.endsWith(group))?.id ?? "";
    const [heir, orphan] = [idOf("alpha"), idOf("beta")];
    const flags = "--prune --allow-deletes";
    const { became, status, result } = await sync(
      first.world,
      onWrite("POST", (forward) => {
        state.webhooks.delete(heir);
        return forward();
      }),
      flags,
    );
    expect([became, status]).toEqual([["create applied", "delete failed"], 1]);
    expect(result.operations[1]?.error).toBe(
      `not sent, because webhook ${heir} was deleted by someone else`,
    );
    expect(state.webhooks.has(orphan)).toBe(true);
    const next = await sync(first.world, undefined, flags);
    expect([next.became, next.status]).toEqual([["create applied", "delete applied"], 0]);
  });
});
