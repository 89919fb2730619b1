// `state move`: the trail goes from one store to another, record for record, and whatever cuts the move off, its repetition
// completes it.
import { describe, expect, test } from "vitest";
import { surveyTrail } from "../../src/audit/survey-trail.ts";
import { makeMemoryStore, type MemoryStore } from "../state/shared/memory-store.ts";
import { seeWorld } from "../support/see.ts";
import { headPath, manifest, runWorld, trailPath, type TestWorld } from "../support/world.ts";

const organization = "3b8a1f0e-6d1c-4a52-9f6e-0c2d7e5a4b19";
const configOf = (store: string, pinned = organization) =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\norganization: ${pinned}\nstate: { store: ${store} }\n`;
const key = { organization, owner: "team" };
const organisation = { id: organization, name: "Acme" };

/** A trail in files with a closed one, and two shared stores. */
async function begin() {
  const files = { "reconcile.yaml": configOf("files"), "subscriptions/a.yaml": manifest("alpha") };
  const { world, err } = await runWorld({ argv: "", files, organisation });
  expect(err).not.toContain("error");
  await runWorld({ argv: "audit rotate", from: world });
  world.files.set("subscriptions/b.yaml", manifest("beta"));
  await runWorld({ argv: "", from: world });
  const postgres = makeMemoryStore(world.clock);
  const git = makeMemoryStore(world.clock, "git");
  const stores: Readonly<Record<string, MemoryStore>> = { postgres, git };
  const use = (store: string) => {
    world.files.set("reconcile.yaml", configOf(store));
  };
  const on = (argv: string, more: object = {}) =>
    runWorld({
      ...{ argv, from: world },
      openStore: ({ state }) => Promise.resolve(stores[state.store] ?? postgres),
      ...more,
    });
  return { world, postgres, git, use, on };
}

const closedOf = ({ files }: TestWorld) =>
  files.paths().filter((path) => /subscription_audit\.log-\d{8}T\d{6}Z$/.test(path));

/** The text of each file of the trail. */
const trailFilesOf = ({ files }: TestWorld) =>
  Object.fromEntries(
    [...closedOf({ files } as TestWorld), `/${trailPath}`]
      .filter((path) => files.paths().includes(path))
      .map((path) => [path, files.text(path)]),
  );

const textIn = (store: MemoryStore) =>
  store
    .of(key)
    .records.map(({ line }) => `${line}\n`)
    .join("");

const wholeOf = (world: TestWorld) => Object.values(trailFilesOf(world)).join("");

describe("a move from files", () => {
  test("writes each record to the store, marks the files, and says what to write into the config", async () => {
    const { world, postgres, on } = await begin();
    const before = trailFilesOf(world);
    const { status, out } = await on("state move --to postgres");
    expect([status, textIn(postgres), trailFilesOf(world)]).toEqual([0, wholeOf(world), before]);
    expect(out).toContain("state:\n  store: postgres\n");
    expect(out).toContain(postgres.of(key).records.at(-1)?.hash);
    expect([postgres.of(key).movedTo, postgres.of(key).holder]).toEqual([null, null]);
  });

  test("ends the passes there, and a pass in the new store goes on", async () => {
    const { world, postgres, use, on } = await begin();
    await on("state move --to postgres");
    world.files.set("subscriptions/c.yaml", manifest("gamma"));
    const there = { from: world, openStore: () => Promise.resolve(postgres) };
    expect((await seeWorld({ argv: "", ...there })).codes).toEqual(["state/moved"]);
    const plan = await seeWorld({ argv: "plan", ...there });
    expect([plan.status, plan.world.logged.filter((line) => line.startsWith("warn"))]).toEqual([
      0,
      [expect.stringContaining("was moved to postgres; this run reads what is left of it here")],
    ]);
    const status = await runWorld({ argv: "status", ...there });
    expect([status.status, status.err]).toEqual([
      0,
      expect.stringContaining(
        "the trail was moved to postgres; write `state: { store: postgres }` into the config",
      ),
    ]);
    use("postgres");
    const count = postgres.of(key).records.length;
    const next = await seeWorld({ argv: "", ...there });
    expect([next.status, next.codes, next.warnings]).toEqual([0, [], []]);
    expect(postgres.of(key).records.length).toBeGreaterThan(count);
  });

  test("may be repeated, and adds nothing", async () => {
    const { postgres, on } = await begin();
    await on("state move --to postgres");
    const before = textIn(postgres);
    const { status, out } = await on("state move --to postgres");
    expect([status, textIn(postgres)]).toEqual([0, before]);
    expect(out).toContain("0 records written");
  });

  test.each(["another record", "more records"])(
    "is refused where the store holds %s, and both heads are named",
    async (what) => {
      const { world, postgres, on } = await begin();
      await on("state move --to postgres");
      const held = postgres.of(key);
      const [first, second] = held.records;
      if (!first || !second) throw new Error("no records");
      const other = {
        ...second,
        hash: "f".repeat(64),
        line: second.line.replace(/"hash":"\w+"/, `"hash":"${"f".repeat(64)}"`),
      };
      if (what === "another record") held.records = [first, other];
      else
        world.files.set(trailPath, world.files.text(trailPath).split("\n").slice(0, 1).join("\n") + "\n");
      world.files.remove(headPath).catch(() => undefined);
      for (const path of world.files.paths().filter((one) => one.endsWith("head.json")))
        await world.files.remove(path);
      const { status, err } = await on("state move --to postgres");
      expect([status, err]).toEqual([1, expect.stringContaining("holds another trail")]);
      expect(err).toContain(held.records.at(-1)?.hash);
    },
  );

  test.each([
    ["owner", "--owner other", "other"],
    ["organisation", "--organization 00000000-0000-4000-8000-000000000000", "00000000"],
  ])("is refused for another %s than the records name", async (_, flag, named) => {
    const { postgres, on } = await begin();
    const { status, err } = await on(`state move --to postgres ${flag}`);
    expect([status, err, postgres.of(key).records]).toEqual([1, expect.stringContaining(named), []]);
    expect(err).toContain("nothing was moved");
  });

  test("is refused where the trail does not verify", async () => {
    const { world, postgres, on } = await begin();
    world.files.set(trailPath, world.files.text(trailPath).replace("beta", "betA"));
    expect((await on("state move --to postgres")).status).toBe(1);
    expect(postgres.of(key).records).toEqual([]);
  });

  test("is refused where a closed file was put away", async () => {
    const { world, postgres, on } = await begin();
    world.files.take(closedOf(world)[0] ?? "");
    const { status, err } = await on("state move --to postgres");
    expect([status, postgres.of(key).records]).toEqual([1, []]);
    expect(err).toContain("closed file");
  });

  test("of a config that names the target already is refused", async () => {
    const { use, on } = await begin();
    use("postgres");
    const { status, err } = await on("state move --to postgres");
    expect([status, err]).toEqual([1, expect.stringContaining("already")]);
  });
});

test("takes the last run and the figures of this machine along", async () => {
  const { world, use, on } = await begin();
  const before = JSON.parse(world.files.text(".reconcile/metrics.json")) as object;
  await on("state move --to postgres");
  use("postgres");
  const kept = `.reconcile/state/${organization}/team/metrics.json`;
  expect(JSON.parse(world.files.text(kept))).toEqual(before);
  await on("state move --to git");
  expect(world.files.paths().filter((path) => path.includes("/moving/"))).toEqual([]);
  use("git");
  world.files.take(".reconcile/metrics.json");
  await on("state move --to files");
  expect(JSON.parse(world.files.text(".reconcile/metrics.json"))).toEqual(before);
});

test("is refused while an outcome of this machine is not on record, and names the way out", async () => {
  const { world, git, use, on } = await begin();
  await on("state move --to postgres");
  use("postgres");
  const pending = `.reconcile/pending/${organization}.team`;
  world.files.set(pending, '{"runId":"a"}\n');
  const refused = await on("state move --to git");
  expect([refused.status, refused.err, git.of(key).records]).toEqual([
    1,
    expect.stringContaining(pending),
    [],
  ]);
  expect(refused.err).toContain("reconcile sync");
  expect((await on("")).status).toBe(0);
  expect((await on("state move --to git")).status).toBe(0);
});

describe("asking", () => {
  test.each([
    ["n", 1, 0],
    ["yes", 0, 1],
  ])("on a terminal: %s", async (answer, status, isMoved) => {
    const { postgres, on } = await begin();
    const asked = await on("state move --to postgres", { terminal: true, answers: [answer] });
    expect([asked.status, postgres.of(key).records.length > 0]).toEqual([status, isMoved === 1]);
    expect(asked.err).toContain("Move the trail of team from");
  });

  test("not with --yes", async () => {
    const { on } = await begin();
    const asked = await on("state move --to postgres --yes", { terminal: true, answers: ["n"] });
    expect([asked.status, asked.err]).toEqual([0, expect.stringMatching(/^\r\S+records \d+\/\d+\r\S+$/)]);
  });
});

test("files, postgres, git and files again: the same files, byte for byte, and passes go on", async () => {
  const { world, postgres, git, use, on } = await begin();
  const before = trailFilesOf(world);
  expect((await on("state move --to postgres")).status).toBe(0);
  use("postgres");
  expect((await on("state move --to git")).status).toBe(0);
  expect(postgres.of(key).movedTo).toBe("git");
  use("git");
  for (const path of Object.keys(before)) world.files.take(path);
  expect(await on("state move --to files")).toMatchObject({ status: 0, err: "" });
  expect([trailFilesOf(world), git.of(key).movedTo]).toEqual([before, "files"]);
  expect(world.files.mode(trailPath)).toBe(0o600);
  use("files");
  world.files.set("subscriptions/c.yaml", manifest("gamma"));
  const next = await seeWorld({ argv: "", from: world });
  expect([next.status, next.codes]).toEqual([0, []]);
  expect((await runWorld({ argv: "audit verify", from: world })).status).toBe(0);
});

test("moved back after passes and a rotation elsewhere: the files are completed", async () => {
  const { world, postgres, use, on } = await begin();
  await on("state move --to postgres");
  use("postgres");
  await world.clock.sleep(1_000);
  await on("audit rotate");
  world.files.set("subscriptions/c.yaml", manifest("gamma"));
  expect((await on("")).status).toBe(0);
  expect(await on("state move --to files")).toMatchObject({ status: 0, err: "" });
  expect([wholeOf(world), closedOf(world).length]).toEqual([textIn(postgres), 2]);
  use("files");
  const verified = await on("audit verify");
  expect([verified.status, verified.out]).toEqual([0, expect.stringContaining("in 3 files")]);
  world.files.set("subscriptions/d.yaml", manifest("delta"));
  expect((await on("")).status).toBe(0);
});

describe("a move that was cut off", () => {
  test("at any call of the stores is completed when it is repeated", async () => {
    for (let cut = 1; ; cut += 1) {
      const { world, postgres, git, use, on } = await begin();
      await on("state move --to postgres");
      use("postgres");
      let calls = 0;
      for (const store of [postgres, git])
        store.after = () => {
          calls += 1;
          if (calls === cut) throw new Error("cut off");
        };
      const first = await on("state move --to git").catch(() => null);
      for (const store of [postgres, git]) {
        store.after = () => undefined;
        store.of(key).holder = null;
      }
      const again = await on("state move --to git");
      expect([cut, again.status, textIn(git)]).toEqual([cut, 0, wholeOf(world)]);
      expect([postgres.of(key).movedTo, git.of(key).movedTo]).toEqual(["git", null]);
      if (calls < cut) {
        expect(first?.status).toBe(0);
        break;
      }
    }
  });

  test("at any write of a file is completed when it is repeated", async () => {
    for (let cut = 1; ; cut += 1) {
      const { world, postgres, use, on } = await begin();
      const before = trailFilesOf(world);
      await on("state move --to postgres");
      use("postgres");
      for (const path of Object.keys(before)) world.files.take(path);
      let writes = 0;
      world.files.before = (operation, path) => {
        if (!path.includes("audit-logs/subscription_audit.log") || path.includes(".lock")) return;
        if (!["openAppend", "append", "sync", "rename"].includes(operation)) return;
        writes += 1;
        if (writes === cut) world.files.failNext(operation, "ENOSPC", 100);
      };
      const first = await on("state move --to files").catch(() => null);
      world.files.before = () => undefined;
      const again = await on("state move --to files");
      expect([cut, again.status, trailFilesOf(world)]).toEqual([cut, 0, before]);
      expect(postgres.of(key).movedTo).toBe("files");
      if (writes < cut) {
        expect(first?.status).toBe(0);
        break;
      }
    }
  });
});

test("two rotations within a second leave one closed file, in which a survey finds the records of both", async () => {
  const { world, use, on, postgres } = await begin();
  await on("state move --to postgres");
  use("postgres");
  await world.clock.sleep(1_000);
  await on("audit rotate");
  await on("audit rotate");
  expect(await on("state move --to files")).toMatchObject({ status: 0, err: "" });
  expect(wholeOf(world)).toBe(textIn(postgres));
  use("files");
  expect((await on("audit verify")).status).toBe(0);
  expect((await surveyTrail(world.files, trailPath)).misfit).toBeNull();
});

describe("a file that mixes the records of several", () => {
  const crew = { organization, owner: "crew" };
  const crewConfig = "crew.yaml";

  /** The file of `begin`, in which another owner's passes recorded as well. */
  async function beginMixed() {
    const begun = await begin();
    const { world, on } = begun;
    world.files.set(crewConfig, configOf("files").replace("team", "crew") + "manifests: crew\n");
    world.files.set("crew/c.yaml", manifest("gamma"));
    expect((await on(`--config ${crewConfig}`)).status).toBe(0);
    return begun;
  }

  const archiveOf = (store: MemoryStore) =>
    store.keys().flatMap((name) => {
      const [found = "", owner = ""] = name.split("/");
      const { records } = store.of({ organization: found, owner });
      return found === "archive" && records.length > 0 ? [{ owner, records }] : [];
    });

  test("goes whole, as an archive whose head the first record of each trail names", async () => {
    const { world, postgres, on } = await beginMixed();
    const whole = wholeOf(world);
    const { status, out } = await on("state move --to postgres");
    expect(status).toBe(0);
    const [archive, ...others] = archiveOf(postgres);
    expect(others).toEqual([]);
    expect(archive?.records.map(({ line }) => `${line}\n`).join("")).toBe(whole);
    const { seq, hash } = archive?.records.at(-1) ?? {};
    expect([out, archive?.owner]).toEqual([
      expect.stringContaining(`reconcile audit log --owner ${archive?.owner} --organization archive`),
      hash?.slice(0, 16),
    ]);
    const chains = [key, crew].map((one) => postgres.of(one));
    expect(
      chains.map(({ records }) => records.map(({ line }) => JSON.parse(line) as object)),
    ).toMatchObject([
      [{ seq: 1, owner: "team", organization: organisation, event: "trail.continued" }],
      [{ seq: 1, owner: "crew", organization: organisation, event: "trail.continued" }],
    ]);
    for (const { records, movedTo, holder } of chains) {
      expect(JSON.parse(records[0]?.line ?? "")).toMatchObject({
        archive: { owner: archive?.owner, seq, hash },
      });
      expect([movedTo, holder]).toEqual([null, null]);
    }
    expect(world.files.paths().filter((path) => path.includes("/moving/"))).toEqual([]);
  });

  test("ends the passes of each owner there, and goes on in each one's own trail with its figures", async () => {
    const { world, postgres, use, on } = await beginMixed();
    await on("state move --to postgres");
    const there = { from: world, openStore: () => Promise.resolve(postgres) };
    for (const argv of ["", `--config ${crewConfig}`])
      expect((await seeWorld({ argv, ...there })).codes).toEqual(["state/moved"]);
    use("postgres");
    world.files.set(crewConfig, world.files.text(crewConfig).replace("files", "postgres"));
    for (const folder of ["subscriptions", "crew"])
      world.files.set(`${folder}/e.yaml`, manifest(`epsilon-${folder}`));
    for (const [argv, its, attempts] of [
      ["", key, 3],
      [`--config ${crewConfig}`, crew, 2],
    ] as const) {
      const next = await seeWorld({ argv, ...there });
      expect([next.status, next.codes, next.warnings, next.result.summary.create]).toEqual([0, [], [], 1]);
      const last = postgres.of(its).records.at(-1)?.line ?? "";
      expect(JSON.parse(last)).toMatchObject({ metrics: { totalAttempts: attempts } });
      expect((await on(`audit verify ${argv}`)).status).toBe(0);
    }
    const [archive] = archiveOf(postgres);
    const read = await on(`audit verify --owner ${archive?.owner} --organization archive`);
    expect([read.status, read.out]).toEqual([
      0,
      expect.stringContaining(archive?.records.at(-1)?.hash ?? "?"),
    ]);
    const log = await on(`audit log --json --owner ${archive?.owner} --organization archive`);
    expect(log.out).toContain('"owner":"crew"');
    const count = archive?.records.length;
    const rotated = await on(`audit rotate --owner ${archive?.owner} --organization archive`);
    expect([rotated.status, rotated.err]).toEqual([1, expect.stringContaining("is only read")]);
    expect(archiveOf(postgres)[0]?.records.length).toBe(count);
  });

  test("is refused while a write of any owner has no outcome, and names whose", async () => {
    const { world, postgres, on } = await begin();
    world.files.set(crewConfig, configOf("files").replace("team", "crew") + "manifests: crew\n");
    world.files.set("crew/c.yaml", manifest("gamma"));
    const full = (operation: string, path: string): void => {
      if (operation === "append" && path.endsWith(trailPath) && world.files.text(path).includes('"gamma"'))
        world.files.failNext("append", "ENOSPC", 10);
    };
    world.files.before = full;
    await on(`--config ${crewConfig}`);
    world.files.before = () => undefined;
    expect(world.files.text(trailPath)).toContain(
      '"event":"change.intended","operation":"create","group":"gamma"',
    );
    const { status, err } = await on("state move --to postgres");
    expect([status, postgres.keys()]).toEqual([1, [`${organization}/team`]]);
    expect(err).toContain("1 write of crew");
    expect(err).toContain("nothing was moved");
  });

  test("that was cut off at any call of the store is completed when the move is repeated", async () => {
    for (let cut = 1; ; cut += 1) {
      const { world, postgres, on } = await beginMixed();
      const whole = wholeOf(world);
      let calls = 0;
      postgres.after = () => {
        calls += 1;
        if (calls === cut) throw new Error("cut off");
      };
      const first = await on("state move --to postgres").catch(() => null);
      postgres.after = () => undefined;
      for (const name of postgres.keys()) {
        const [found = "", owner = ""] = name.split("/");
        postgres.of({ organization: found, owner }).holder = null;
      }
      const again = await on("state move --to postgres");
      const texts = archiveOf(postgres).map(({ records }) =>
        records.map(({ line }) => `${line}\n`).join(""),
      );
      expect([cut, again.status, texts]).toEqual([cut, 0, [whole]]);
      expect([key, crew].map((one) => postgres.of(one).records.length)).toEqual([1, 1]);
      if (calls < cut) {
        expect(first?.status).toBe(0);
        break;
      }
    }
  });

  test("is refused where an owner has another trail in the store already", async () => {
    const { world, postgres, use, on } = await beginMixed();
    world.files.set(crewConfig, world.files.text(crewConfig).replace("files", "postgres"));
    world.files.set("crew/d.yaml", manifest("delta"));
    expect((await on(`--config ${crewConfig}`)).status).toBe(0);
    const { status, err } = await on("state move --to postgres");
    expect([status, archiveOf(postgres), postgres.of(key).records]).toEqual([1, [], []]);
    expect(err).toContain("a trail of crew already");
    use("files");
  });
});
