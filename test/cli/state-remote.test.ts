// Which remotes may keep the state: none that anybody can read, and with query strings none of the code.
import { describe, expect, test } from "vitest";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { seeWorld } from "../support/see.ts";
import { makeWorld, manifest, putWebhook, writesOf, type WorldOptions } from "../support/world.ts";

const configOf = (store: string, remote = "origin") =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nstate: { store: ${store}, git: { remote: ${remote} } }\n`;
const withQuery = manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=hidden");

const filesOf = (text: string, config = configOf("git")) => ({
  ...{ "reconcile.yaml": config, "subscriptions/a.yaml": text },
});

function begin(files: Readonly<Record<string, string>>, more: Partial<WorldOptions> = {}) {
  const world = makeWorld({ argv: "", files });
  const store = makeMemoryStore(world.clock, "git");
  const on = (argv: string) =>
    seeWorld({ argv, from: world, openStore: () => Promise.resolve(store), ...more });
  return { world, store, on };
}

describe("an endpoint with a query string", () => {
  test.each(["validate", "plan", ""])(
    "is refused by `%s` where the state is in the code's repository",
    async (argv) => {
      const { store, on } = begin(filesOf(withQuery));
      const { status, about, err, world } = await on(argv);
      const found = about("endpointUrl/queryInRepository");
      expect([status, found.map(({ file, line }) => [file, line])]).toEqual([
        1,
        [["subscriptions/a.yaml", 6]],
      ]);
      expect(`${found[0]?.message ?? ""}${err}`).not.toContain("hidden");
      expect(writesOf(world)).toEqual([]);
      const records = store.keys().flatMap((key) => {
        const [organization = "", owner = ""] = key.split("/");
        return store.of({ organization, owner }).records;
      });
      expect(JSON.stringify(records)).not.toContain("hidden");
    },
  );

  test.each([
    ["another repository's", filesOf(withQuery, configOf("git", "state"))],
    ["a database", filesOf(withQuery, configOf("postgres"))],
    ["files", filesOf(withQuery, configOf("files"))],
  ])("is warned of and taken where the state is in %s", async (_, files) => {
    const { on } = begin(files);
    for (const argv of ["validate", "plan", ""])
      expect(await on(argv)).toMatchObject({ status: 0, codes: [], warnings: ["endpointUrl/queryString"] });
  });

  test("that is live gets into no record of such a state: the pass writes nothing, and a plan shows why", async () => {
    const { world, store, on } = begin(filesOf(manifest("alpha")));
    putWebhook(world.state, {
      id: "w",
      group: "beta",
      owner: "default",
      endpoint: "https://b.example.com/?key=hidden",
    });
    const planned = await on("plan --prune --allow-deletes");
    expect([planned.codes, planned.result.summary.delete]).toEqual([["state/queryInRepository"], 1]);
    const synced = await on("--prune --allow-deletes");
    expect([synced.status, synced.codes, writesOf(synced.world)]).toEqual([
      1,
      ["state/queryInRepository"],
      [],
    ]);
    const [key = ""] = store.keys();
    const [organization = "", owner = ""] = key.split("/");
    expect(JSON.stringify(store.of({ organization, owner }).records)).not.toContain("hidden");
    expect((await on("")).status).toBe(0);
  });
});

describe("validate", () => {
  const remotes = (address: string | null): Partial<WorldOptions> => ({
    stateRemote: {
      leadsToOrigin: () => Promise.resolve(true),
      askWithoutLogin: () => Promise.resolve(address),
    },
  });

  test("refuses a remote that anybody can read, at the config's line", async () => {
    const { on } = begin(filesOf(manifest("alpha")), remotes("https://github.com/acme/telephony.git"));
    const { status, about } = await on("validate");
    expect([status, about("state/public")]).toMatchObject([
      1,
      [{ severity: "error", file: "reconcile.yaml", line: 3 }],
    ]);
  });

  test("says nothing of a remote that does not answer, and asks none for another store", async () => {
    const silent = begin(filesOf(manifest("alpha")), remotes(null));
    expect(await silent.on("validate")).toMatchObject({ status: 0, codes: [], warnings: [] });
    const files = filesOf(manifest("alpha"), configOf("files"));
    const { on } = begin(files, remotes("https://github.com/acme/telephony.git"));
    expect(await on("validate")).toMatchObject({ status: 0, codes: [] });
  });
});
