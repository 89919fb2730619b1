// With a shared store, a sync or an apply of a commit that is older than the last applied one is refused.
import { describe, expect, test } from "vitest";
import type { AncestryQuestion } from "../../src/git/ancestry.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { startDaemon } from "../daemon/daemon.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { seeWorld } from "../support/see.ts";
import { makeWorld, manifest, runWorld, writesOf, type WorldOptions } from "../support/world.ts";

/** Each is an ancestor of those behind it. */
const [older, middle, newer] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [string, string, string];

function begin({ store: kind = "postgres" } = {}) {
  const config = `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\nstate: { store: ${kind} }\n`;
  const world = makeWorld({ argv: "", files: {} });
  const store = makeMemoryStore(world.clock);
  const asked: AncestryQuestion[] = [];
  const findAncestry = (question: AncestryQuestion) => {
    asked.push(question);
    const isAncestor = (commit: string) => commit <= question.present;
    return Promise.resolve(
      new Map(question.commits.map((one) => [one, isAncestor(one) ? "ancestor" : "noAncestor"] as const)),
    );
  };
  const disks = new Map<number, ReturnType<typeof makeMemoryFiles>>();
  /** A command on a machine, whose disk lasts, where Git has checked out a commit with manifests of these groups. */
  const on = (
    pid: number,
    commit: string | null,
    groups: readonly string[],
    argv = "sync",
  ): WorldOptions => {
    const files = disks.get(pid) ?? makeMemoryFiles({ "reconcile.yaml": config });
    disks.set(pid, files);
    for (const path of files.paths()) if (path.startsWith("/subscriptions/")) files.take(path);
    for (const group of groups) files.set(`subscriptions/${group}.yaml`, manifest(group));
    return {
      ...{ argv, commit, findAncestry },
      ...(kind === "files" ? {} : { openStore: () => Promise.resolve(store) }),
      from: { ...world, files },
      processes: { pid, host: `host-${pid}`, machine: `machine-${pid}` },
    };
  };
  const see = (...at: Parameters<typeof on>) => seeWorld(on(...at));
  const records = () =>
    store.keys().flatMap((key) => {
      const [organization = "", owner = ""] = key.split("/");
      return store.of({ organization, owner }).records.map(({ line }) => JSON.parse(line) as Recorded);
    });
  return { world, store, on, see, asked, records };
}

interface Recorded {
  readonly event: string;
  readonly runId: string;
  readonly olderThan?: { readonly commit: string; readonly runId: string };
}

describe("a sync of an older commit", () => {
  test("is refused: it shows its plan, writes nothing, exits 1, and names both commits and --allow-older", async () => {
    const { see, records } = begin();
    const first = await see(1, newer, ["alpha", "beta"]);
    const before = records().length;
    const second = await see(2, older, ["alpha", "gamma"]);
    expect([second.status, second.codes, second.became, writesOf(second.world)]).toEqual([
      ...[1, ["commit/older"], ["create gamma skipped"]],
      [],
    ]);
    expect(records()).toHaveLength(before);
    const [{ message, hint } = { message: "", hint: "" }] = second.about("commit/older");
    expect(message).toContain(older.slice(0, 12));
    expect(message).toContain(newer.slice(0, 12));
    expect(message).toContain(first.result.runId);
    expect(hint).toContain("--allow-older");
    expect(second.result.operations[0]?.error).toContain("--allow-older");
  });

  test("goes on with --allow-older, on record; then that commit is the last applied one", async () => {
    const { see, records } = begin();
    const first = await see(1, newer, ["alpha"]);
    const second = await see(2, older, ["alpha", "gamma"], "sync --allow-older");
    expect([second.status, second.became]).toEqual([0, ["create gamma applied"]]);
    const own = records().filter(({ runId }) => runId === second.result.runId);
    expect(own.map(({ olderThan }) => olderThan)).toEqual([
      { commit: newer, runId: first.result.runId },
      ...own.slice(1).map(() => undefined),
    ]);
    expect((await see(2, older, ["alpha", "delta"])).status).toBe(0);
    expect((await see(1, newer, ["alpha", "beta"])).status).toBe(0);
  });

  test("with edits on top is as old", async () => {
    const { see } = begin();
    await see(1, newer, ["alpha"]);
    expect((await see(2, `${older}-dirty`, ["gamma"])).codes).toEqual(["commit/older"]);
  });

  test("goes on where nothing changes, and is not looked into", async () => {
    const { see, asked } = begin();
    await see(1, newer, ["alpha"]);
    const second = await see(2, older, ["alpha"]);
    expect([second.status, second.codes, asked]).toEqual([0, [], []]);
  });

  test("is only warned of in a dry run", async () => {
    const { see } = begin();
    await see(1, newer, ["alpha"]);
    for (const argv of ["plan", "sync --dry-run"]) {
      const planned = await see(2, older, ["alpha", "gamma"], argv);
      expect([planned.status, planned.warnings, planned.became]).toEqual([
        ...[0, ["commit/older"]],
        ["create gamma planned"],
      ]);
    }
    const allowed = await see(2, older, ["alpha", "gamma"], "sync --dry-run --allow-older");
    expect([allowed.status, allowed.warnings]).toEqual([0, []]);
  });

  test("is not asked about on a terminal before it is refused", async () => {
    const { see, on } = begin();
    await see(1, newer, ["alpha"]);
    const { status, err } = await runWorld({ ...on(2, older, ["gamma"]), terminal: true, answers: ["y"] });
    expect([status, err.includes("Apply this plan")]).toEqual([1, false]);
  });

  test("goes on with files, whose machines share no trail", async () => {
    const { see, asked } = begin({ store: "files" });
    await see(1, newer, ["alpha"]);
    expect([(await see(1, older, ["gamma"])).status, asked]).toEqual([0, []]);
  });
});

describe("a sync goes on", () => {
  test("of the same commit, without a question", async () => {
    const { see, asked } = begin();
    await see(1, newer, ["alpha"]);
    expect([(await see(2, newer, ["beta"])).status, asked]).toEqual([0, []]);
  });

  test("of a commit of another branch, and of no commit", async () => {
    const { see } = begin();
    await see(1, middle, ["alpha"]);
    expect((await see(2, newer, ["beta"])).status).toBe(0);
    expect((await see(2, null, ["gamma"])).status).toBe(0);
  });

  test.each(["cutOff", "noAnswer"] as const)(
    "where the history at hand does not tell: %s",
    async (answer) => {
      const { see, on } = begin();
      await see(1, newer, ["alpha"]);
      const silent = {
        ...on(2, older, ["beta"]),
        findAncestry: () => Promise.resolve(new Map([[older, answer]])),
      };
      expect((await seeWorld(silent)).status).toBe(0);
    },
  );

  test("where Git is too old to tell", async () => {
    const { see, on } = begin();
    await see(1, newer, ["alpha"]);
    const refuses = () => Promise.reject(new ReconcileError("git/tooOld", "Git is too old"));
    expect((await seeWorld({ ...on(2, older, ["beta"]), findAncestry: refuses })).status).toBe(0);
  });
});

describe("the last applied commit", () => {
  test("is the one of a run that only deleted, too", async () => {
    const { see } = begin();
    await see(1, older, ["alpha", "beta"]);
    await see(1, newer, ["alpha"], "sync --prune");
    expect((await see(2, middle, ["alpha", "beta"])).codes).toEqual(["commit/older"]);
  });

  test("is no one's whose edits were not committed, and no one's who rolled back", async () => {
    const { see } = begin();
    await see(1, middle, ["alpha"]);
    await see(1, `${newer}-dirty`, ["alpha", "beta"]);
    expect((await see(2, middle, ["alpha", "gamma"])).status).toBe(0);
    await see(1, newer, [], "rollback --last");
    expect((await see(2, middle, ["alpha", "gamma"])).status).toBe(0);
    expect((await see(2, older, ["alpha"], "sync --prune --allow-deletes")).codes).toEqual([
      "commit/older",
    ]);
  });

  test("is not that of a run that changed nothing, because all its writes failed", async () => {
    const { see, on } = begin();
    await see(1, older, ["alpha"]);
    const failing: WorldOptions = {
      ...on(1, newer, ["alpha", "beta"]),
      intercept: (request, forward) =>
        request.method === "POST" && request.url.endsWith("/webhooks")
          ? { ...forward(), status: 400, body: "{}" }
          : forward(),
    };
    expect((await seeWorld(failing)).status).toBe(1);
    expect((await see(2, middle, ["alpha", "gamma"])).codes).toEqual([]);
  });
});

test("a rollback, which is no sync, goes on from an older commit", async () => {
  const { see } = begin();
  await see(1, newer, ["alpha"]);
  const back = await see(2, older, ["alpha"], "rollback --last");
  expect([back.status, back.became]).toEqual([0, ["delete alpha applied"]]);
});

test("an apply of an older commit is refused, and goes on with --allow-older", async () => {
  const { see } = begin();
  await see(1, older, ["alpha"]);
  const planned = await see(2, middle, ["alpha", "gamma"], "plan --out plan.json");
  expect(planned.codes).toEqual([]);
  await see(1, newer, ["alpha", "beta"]);
  const refused = await see(2, middle, ["alpha", "gamma"], "apply plan.json");
  expect([refused.status, refused.codes, writesOf(refused.world)]).toEqual([1, ["commit/older"], []]);
  const applied = await see(2, middle, ["alpha", "gamma"], "apply plan.json --allow-older");
  expect([applied.status, applied.became]).toEqual([0, ["create gamma applied"]]);
});

test("a daemon whose clone was reset changes nothing more, and its conditions say why", async () => {
  const { see, on } = begin();
  await see(1, newer, ["alpha"]);
  const daemon = await startDaemon(on(2, older, ["alpha", "gamma"], "watch"));
  const { conditions, result } = await daemon.pass(0);
  const of = (name: string) => conditions.find(({ type }) => type === name);
  expect([result?.ok, writesOf(daemon.world)]).toEqual([false, []]);
  const why = expect.stringContaining(
    `commit ${older.slice(0, 12)} is older than ${newer.slice(0, 12)}`,
  ) as unknown;
  expect(of("Ready")).toMatchObject({ status: "False", reason: "LastPassFailed", message: why });
  expect(of("Converged")).toMatchObject({ status: "False", reason: "OperationsHeldBack" });
  expect(of("StateReachable")).toMatchObject({ status: "True" });
  await daemon.stop();
});

test("`audit log` shows what the older commit went back from", async () => {
  const { see, on } = begin();
  await see(1, newer, ["alpha"]);
  await see(2, older, ["alpha", "gamma"], "sync --allow-older");
  const { out } = await runWorld(on(2, older, ["alpha", "gamma"], "audit log"));
  expect(out).toContain(`older than ${newer.slice(0, 12)}`);
});
