// Groups go over from webhooks to routes, and back, by the config's `aws.webhooks` alone.
import { describe, expect, test } from "vitest";
import { manifest } from "../../support/world.ts";
import { configOf, runWithAws, topics } from "./aws-world.ts";

const pool = ["https://hooks.example.com/1", "https://hooks.example.com/2"];
const subscription = manifest("alpha", { eventTypes: topics, pool });
const at = (config: string) => ({ "reconcile.yaml": config, "subscriptions/alpha.yaml": subscription });

interface Told {
  readonly ok: boolean;
  readonly operations: readonly {
    readonly action: string;
    readonly phase: number;
    readonly name: string;
  }[];
}
const parse = (out: string): Told => JSON.parse(out) as Told;

describe("a hand-over", () => {
  test("goes to routes and back in one plan each, without a gap, and converges", async () => {
    const webhooks = await runWithAws("sync --output json", { files: at(configOf(null)) });
    expect([webhooks.status, webhooks.actions]).toEqual([0, []]);
    const { world: before } = webhooks;
    expect(before.state.webhooks.size).toBe(2);

    const routes = await runWithAws("sync", { from: before, files: at(configOf({})), watched: topics });
    expect([routes.status, [...routes.gaps]]).toEqual([0, []]);
    expect(routes.world.state.webhooks.size).toBe(0);
    expect([...routes.world.state.aws.rules.values()].map(({ Name }) => Name)).toHaveLength(2);

    const again = await runWithAws("sync --output json", { from: routes.world });
    expect(parse(again.out)).toMatchObject({ ok: true, operations: [] });
    expect(again.actions.filter((action) => !/^(List|Describe|GetCaller)/.test(action))).toEqual([]);

    const back = await runWithAws("sync", {
      from: again.world,
      files: at(configOf(null)),
      watched: topics,
    });
    expect([back.status, [...back.gaps]]).toEqual([0, []]);
    const { aws, integrations, webhooks: made } = back.world.state;
    expect([aws.rules.size, aws.destinations.size, integrations.size, made.size]).toEqual([0, 0, 0, 2]);
    expect(aws.buses.size).toBe(1);
  });

  test("with rules that take effect late, loses events without settle, and none with it", async () => {
    const gapsWith = async (settle: string): Promise<number> => {
      const { world: from } = await runWithAws("sync", { files: at(configOf(null)) });
      const given = {
        from,
        files: at(configOf({ settle })),
        watched: topics,
        quirks: { ruleLagMs: 8_000 },
      };
      const routes = await runWithAws("sync", given);
      expect(routes.status).toBe(0);
      return routes.gaps.size;
    };
    expect(await gapsWith("PT0S")).toBeGreaterThan(0);
    expect(await gapsWith("PT10S")).toBe(0);
  });
});

test("an account that is not the config's ends the pass before its first write", async () => {
  const config = configOf({}).replaceAll("123456789012", "210987654321");
  const { status, out, world } = await runWithAws("sync", { files: at(config) });
  expect(status).toBe(1);
  expect(out).toContain("[aws/otherAccount]");
  expect([world.state.integrations.size, world.state.aws.rules.size]).toEqual([0, 0]);
});

test("a pass that AWS throttles and interrupts by conflicts still makes every route", async () => {
  const quirks = { throttlesEvery: 3, conflictsEvery: 4 };
  const { status, world } = await runWithAws("sync", { files: at(configOf({})), quirks });
  expect([status, world.state.aws.rules.size]).toEqual([0, 2]);
});

test("whatever call the pass dies at, the next one makes the rest", async () => {
  const whole = await runWithAws("sync", { files: at(configOf({})) });
  for (let dies = 1; dies <= whole.actions.length; dies += 1) {
    let calls = 0;
    const cut = await runWithAws("sync", {
      files: at(configOf({})),
      before: () => {
        calls += 1;
        if (calls >= dies) throw new Error("the network went away");
      },
    });
    expect(cut.status).not.toBe(0);
    const next = await runWithAws("sync --output json", { from: cut.world });
    expect([dies, next.status, next.world.state.aws.rules.size]).toEqual([dies, 0, 2]);
  }
});
