// A kind whose list is refused (403) or not offered (404): its groups wait, and the others go on.
import { describe, expect, test } from "vitest";
import { storedIn, wholeOf } from "../../support/kinds.ts";
import { asksOrganisation, writesOf } from "../../support/world.ts";
import {
  webhooks,
  integrations,
  triggers,
  login,
  listOf,
  filesOf,
  fileOf,
  start,
  go,
  see,
  sizeOf,
  times,
  refusing,
} from "./groups.ts";

const unseen = [integrations, triggers].flatMap((kind) => [404, 403].map((status) => ({ kind, status })));

describe.each(unseen)("where $kind.path answers $status", ({ kind, status: refusal }) => {
  const intercept = refusing(kind, refusal);
  const both = () =>
    start({ ...filesOf(webhooks, ["alpha"], { labels: "team: data" }), ...filesOf(kind, ["beta"]) });

  test.each(["--group alpha", "--selector team=data"])(
    "`%s` asks for webhooks alone, and works",
    async (flags) => {
      const world = both();
      const plan = await see(world, `plan ${flags}`, { intercept });
      expect([plan.status, plan.world.requests]).toEqual([0, [login, listOf(webhooks), asksOrganisation]]);
      const sync = await see(world, flags, { intercept });
      expect([sync.status, sync.became]).toEqual([0, ["create alpha applied"]]);
      expect(sync.world.requests).toEqual([
        login,
        listOf(webhooks),
        asksOrganisation,
        `POST ${webhooks.path}`,
      ]);
      expect(storedIn(world)).toEqual(wholeOf(webhooks, "alpha"));
      const again = await see(world, flags, { intercept });
      expect([again.status, again.world.requests]).toEqual([0, [login, listOf(webhooks)]]);
      const back = await see(world, "rollback --last", { intercept });
      expect([back.status, storedIn(world)]).toEqual([0, []]);
    },
  );

  test("a plan that was saved for the other is applied", async () => {
    const world = both();
    const saved = await see(world, "plan --group alpha --out p.json", { intercept });
    const applied = await see(world, "apply p.json", { intercept });
    expect([saved.status, applied.status, applied.became]).toEqual([0, 0, ["create alpha applied"]]);
    expect(storedIn(world)).toEqual(wholeOf(webhooks, "alpha"));
  });

  test("without it its groups are skipped, and the others go on", async () => {
    const world = both();
    const { status, result, became, world: after } = await see(world, "", { intercept });
    const code = refusal === 404 ? "api/notOffered" : "api/forbidden";
    const words = refusal === 404 ? "not found (404)" : "forbidden (403)";
    const { list, write } = kind.permissions;
    const hint =
      refusal === 404
        ? `this organisation does not offer ${kind.nouns}: \`reconcile doctor\` shows what it offers`
        : `give the OAuth client of GENESYS_CLIENT_ID a role with the permissions ${[list, ...write].join(" ")}`;
    const message = `group "beta" is skipped: ${listOf(kind)}: ${words}: no`;
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors).toEqual([
      { severity: "error", code, message, hint, file: fileOf("beta"), line: 1, column: 1 },
    ]);
    expect([status, became]).toEqual([
      1,
      ["create alpha applied", ...times(sizeOf(kind), "create beta skipped")],
    ]);
    expect(writesOf(after)).toEqual([`POST ${webhooks.path}`]);
    expect(storedIn(world)).toEqual(wholeOf(webhooks, "alpha"));
  });

  test("where no manifest names another, the reason is said, and nothing is written", async () => {
    const world = start(filesOf(kind, ["beta"]));
    const { status, out, err, world: after } = await go(world, "", { intercept });
    const code = refusal === 404 ? "api/notOffered" : "api/forbidden";
    expect(err).toContain(`: no [${code}]\n`);
    expect([status, out, writesOf(after), storedIn(world)]).toEqual([1, "", [], []]);
  });

  test("what the trail records of an unlisted kind counts neither as drift nor as deleted", async () => {
    const world = both();
    await go(world, "");
    const before = storedIn(world);
    const { status, became, codes, result } = await see(world, "--group alpha --prune", { intercept });
    expect([status, became, codes, result.drift]).toEqual([0, [], [], []]);
    world.files.take(fileOf("beta"));
    const alone = await see(world, "--prune --allow-deletes", { intercept });
    expect([alone.status, alone.became, storedIn(world)]).toEqual([0, [], before]);
  });
});
