// The organisation of a pass: when it is asked for, when it is refused, and where it is named.
import { expect, test } from "vitest";
import type { WorldOptions } from "../support/world.ts";
import {
  asksOrganisation,
  manifest,
  runWorld,
  trailOf,
  writesOf,
  type TestWorld,
} from "../support/world.ts";

const files = { "subscriptions/alpha.yaml": manifest("alpha") };
const acme = { id: "acme-1", name: "Acme" };
const other = { id: "other-2", name: "Other" };
const memoryPath = ".reconcile/organizations.json";

const go = (argv: string, options: Partial<WorldOptions> = {}) =>
  runWorld({ argv, files, organisation: acme, ...options });

const pin = (world: TestWorld, id: string): void => {
  world.files.set(
    "reconcile.yaml",
    `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\norganization: ${id}\n`,
  );
};

const asked = ({ requests }: TestWorld): number =>
  requests.filter((one) => one === asksOrganisation).length;

test("a first pass asks, and remembers; one that changes nothing does not ask again, one that writes does", async () => {
  const first = await go("");
  expect([first.status, asked(first.world)]).toEqual([0, 1]);
  expect(JSON.parse(first.world.files.text(memoryPath))).toEqual({
    formatVersion: 1,
    organizations: [{ environment: "mypurecloud.com", clientId: "client-of-tests", ...acme }],
  });
  const second = await go("", { from: first.world });
  expect([second.status, asked(second.world)]).toEqual([0, 0]);
  second.world.files.set("subscriptions/beta.yaml", manifest("beta"));
  const third = await go("", { from: second.world });
  expect(third.world.requests.slice(-2)).toEqual([asksOrganisation, "POST /api/v2/webhooks"]);
});

test("the records, the heading, the result, a saved plan and the last run name it", async () => {
  const planned = await go("plan --out plan.json");
  expect(planned.out).toMatch(/^mypurecloud\.com as owner "default", organisation "Acme"\n/);
  expect(JSON.parse(planned.world.files.text("plan.json"))).toMatchObject({ organization: acme });
  const { world, out } = await go("--output json", { from: planned.world });
  expect(JSON.parse(out)).toMatchObject({ organization: acme });
  expect(JSON.parse(world.files.text(".reconcile/metrics.json"))).toMatchObject({
    lastRun: { owner: "default", organization: acme },
  });
  const records = trailOf(world.files) as unknown as readonly Record<string, unknown>[];
  expect(records.map(({ organization, owner }) => [owner, organization])).toEqual(
    records.map(() => ["default", acme]),
  );
  expect(Object.keys(records[0] ?? {}).slice(0, 6)).toEqual([
    ...["seq", "timestamp", "runId", "environment", "owner", "organization"],
  ]);
});

test.each(["", "plan"])(
  "`%s`: a pass that is pinned asks each time, and refuses another one",
  async (argv) => {
    const { world } = await go("");
    pin(world, acme.id);
    const right = await go(argv, { from: world });
    expect([right.status, asked(right.world)]).toEqual([0, 1]);
    pin(world, other.id);
    world.files.set("subscriptions/beta.yaml", manifest("beta"));
    const wrong = await go(argv, { from: world });
    expect([wrong.status, writesOf(wrong.world)]).toEqual([1, []]);
    expect(wrong.err).toContain("belongs to organisation Acme (acme-1), and the config pins other-2");
  },
);

test("a write in another organisation than the remembered one is refused; the pin is the way out", async () => {
  const { world } = await go("");
  world.files.set("subscriptions/beta.yaml", manifest("beta"));
  const before = trailOf(world.files).length;
  const { status, err, world: after } = await go("", { from: world, organisation: other });
  expect([status, writesOf(after), trailOf(after.files).length]).toEqual([1, [], before]);
  expect(err).toContain("belongs to organisation Other (other-2), and it belonged to Acme (acme-1)");
  pin(after, other.id);
  const pinned = await go("", { from: after, organisation: other });
  expect([pinned.status, pinned.world.files.text(memoryPath).includes(other.id)]).toEqual([0, true]);
});

test("the organisation is null only where both requests are refused and it is not remembered", async () => {
  const quirks = { organisationStatus: 403 };
  const { status, world, out } = await go("--output json", { quirks });
  expect([status, JSON.parse(out)]).toMatchObject([0, { organization: null }]);
  expect(trailOf(world.files)[0]).toMatchObject({ organization: null });
  const known = (await go("")).world;
  known.files.set("subscriptions/beta.yaml", manifest("beta"));
  const later = await go("--output json", { from: known, quirks });
  expect(JSON.parse(later.out)).toMatchObject({ organization: acme });
});

test("a pinned pass refuses null, and any other failure ends a pass", async () => {
  const { world } = await go("plan");
  pin(world, acme.id);
  const unknown = await go("", { from: world, quirks: { organisationStatus: 404 } });
  expect([unknown.status, writesOf(unknown.world)]).toEqual([1, []]);
  expect(unknown.err).toContain("the config pins the organisation acme-1");
  const failing = await go("", { quirks: { tokenInfoStatus: 500 } });
  expect([failing.status, writesOf(failing.world)]).toEqual([1, []]);
});

test("a saved plan of another organisation is refused", async () => {
  const { world } = await go("plan --out plan.json");
  const { status, err } = await go("apply plan.json", { from: world, organisation: other });
  expect([status, err]).toEqual([
    1,
    expect.stringContaining(
      'plan.json is for organisation "Acme (acme-1)", and this is organisation "Other (other-2)"',
    ),
  ]);
});

test("manifests that are invalid are refused on record without a request; the record names what is remembered", async () => {
  const broken = { "subscriptions/alpha.yaml": "nonsense: true\n" };
  const fresh = await go("", { files: broken });
  expect([fresh.world.requests, trailOf(fresh.world.files)[0]]).toEqual([
    [],
    expect.not.objectContaining({ organization: expect.anything() as unknown }),
  ]);
  const { world } = await go("");
  world.files.set("subscriptions/alpha.yaml", "nonsense: true\n");
  const again = await go("", { from: world });
  expect([again.world.requests, trailOf(again.world.files).at(-1)]).toMatchObject([
    [],
    { organization: acme },
  ]);
});
