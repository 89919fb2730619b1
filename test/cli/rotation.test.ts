// The trail in several files: each command reads them as one, and a rotation may die at any moment.
import { describe, expect, test } from "vitest";
import { closedPath } from "../../src/audit/trail-parts.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { makeMemoryFiles, type DiskOperation, type MemoryFiles } from "../support/memory-files.ts";
import { reseal } from "../support/reseal.ts";
import { seeWorld } from "../support/see.ts";
import {
  headPath,
  loggedIn,
  manifest,
  plantTrail,
  runWorld,
  trailPath,
  type TestWorld,
} from "../support/world.ts";

/** One group is live and on record. */
async function begin(environment = loggedIn): Promise<TestWorld> {
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  return (await runWorld({ argv: "", files, environment })).world;
}

const rotate = (from: TestWorld) => runWorld({ argv: "audit rotate", from });

const recordsIn = (text: string): readonly AuditRecord[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditRecord);

const closedOf = (files: MemoryFiles): readonly string[] =>
  files.paths().filter((path) => /subscription_audit\.log-\d{8}T\d{6}Z$/.test(path));

/** All records, over all files. */
function recordsOf({ files }: TestWorld): readonly AuditRecord[] {
  const isThere = files.paths().includes(`/${trailPath}`);
  const paths = [...closedOf(files), ...(isThere ? [trailPath] : [])];
  return paths.flatMap((path) => recordsIn(files.text(path)));
}

test("a rotation ends the file with a record, and the next file names it and goes on with the chain", async () => {
  const world = await begin();
  const before = world.files.text(trailPath);
  const { status, out } = await rotate(world);
  expect(status).toBe(0);
  const [closed = ""] = closedOf(world.files);
  expect(out).toContain(`${closed.slice(1)}: closed`);
  expect(world.files.text(closed).startsWith(before)).toBe(true);
  expect(world.files.mode(trailPath)).toBe(0o600);
  const last = recordsIn(world.files.text(closed)).at(-1);
  expect(last?.event).toBe("trail.closed");
  const [first, ...others] = recordsIn(world.files.text(trailPath));
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    event: "trail.continued",
    seq: (last?.seq ?? 0) + 1,
    prevHash: last?.hash,
    continues: { file: closed.split("/").at(-1), seq: last?.seq, hash: last?.hash },
    metrics: last?.metrics,
  });
});

describe("the records of a rotation name whose trail it is", () => {
  const ofRotation = (world: TestWorld) =>
    recordsOf(world)
      .filter(({ event }) => event.startsWith("trail."))
      .map(({ event, owner, organization }) => [event, owner, organization]);

  test("by the owner of the config, and by the organisation on record", async () => {
    const world = await begin();
    const organization = recordsOf(world).at(-1)?.organization;
    expect(organization).toMatchObject({ id: expect.any(String) as string });
    await rotate(world);
    expect(ofRotation(world)).toEqual([
      ["trail.closed", "default", organization],
      ["trail.continued", "default", organization],
    ]);
  });

  test("by those that flags name", async () => {
    const world = await begin();
    await runWorld({ argv: "audit rotate --owner other --organization an-id", from: world });
    expect(ofRotation(world).slice(0, 1)).toEqual([["trail.closed", "other", { id: "an-id", name: null }]]);
  });

  test("and the figures of another owner stay with that one", async () => {
    const world = await begin();
    world.files.set(
      "reconcile.yaml",
      "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: new\n",
    );
    await rotate(world);
    expect(ofRotation(world).map(([, ...whose]) => whose)).toEqual([
      ["new", undefined],
      ["new", undefined],
    ]);
    const attempts = async (argv: string) => {
      const { out } = await runWorld({ argv: `status --output json ${argv}`, from: world });
      return (JSON.parse(out) as { metrics: { totalAttempts: number } }).metrics.totalAttempts;
    };
    expect([await attempts(""), await attempts("--owner default")]).toEqual([0, 1]);
  });
});

describe("after a rotation", () => {
  test("verify follows the chain over the files, however many there are", async () => {
    const world = await begin();
    await rotate(world);
    await world.clock.sleep(1_000);
    await rotate(world);
    const { status, out } = await runWorld({ argv: "audit verify", from: world });
    expect(status).toBe(0);
    expect(out).toContain("8 records in 3 files, unbroken");
    expect(closedOf(world.files)).toHaveLength(2);
  });

  test("verify names the line of the closed file that someone changed, and a pass stops", async () => {
    const world = await begin();
    await rotate(world);
    const [closed = ""] = closedOf(world.files);
    world.files.set(closed, world.files.text(closed).replace("alpha", "alphb"));
    const { status, out } = await runWorld({ argv: "audit verify", from: world });
    expect(status).toBe(1);
    expect(out).toContain(`--> ${closed.slice(1)}:2:1`);
    const { codes, result } = await seeWorld({ argv: "", from: world });
    expect(codes).toEqual(["audit/broken"]);
    expect(result.diagnostics[0]?.message).toContain(`line 2 of the audit trail ${closed.slice(1)}`);
  });

  test("a pass goes on in the new file, without a warning, and proves only what is new", async () => {
    const world = await begin();
    await rotate(world);
    world.files.set("subscriptions/b.yaml", manifest("beta"));
    const { became, result } = await seeWorld({ argv: "", from: world });
    expect(became).toEqual(["create beta applied"]);
    expect(result.diagnostics).toEqual([]);
    expect(recordsOf(world).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await runWorld({ argv: "audit verify", from: world })).status).toBe(0);
  });

  test("drift of what the closed file recorded is found", async () => {
    const world = await begin();
    await rotate(world);
    const [[id, webhook] = ["", undefined]] = [...world.state.webhooks];
    if (webhook) world.state.webhooks.set(id, { ...webhook, state: "disabled" });
    const { result } = await seeWorld({ argv: "plan", from: world });
    expect(result.drift.map(({ group }) => group)).toEqual(["alpha"]);
  });

  test("log, head and status show what the closed file holds", async () => {
    const world = await begin();
    const status = (await runWorld({ argv: "status --output json", from: world })).out;
    const metrics = (JSON.parse(status) as { metrics: object }).metrics;
    await rotate(world);
    const log = await runWorld({ argv: "audit log --json", from: world });
    expect(recordsIn(log.out).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    const newest = await runWorld({ argv: "audit log --json --limit 4", from: world });
    expect(recordsIn(newest.out).map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
    const after = (await runWorld({ argv: "status --output json", from: world })).out;
    expect((JSON.parse(after) as { metrics: object }).metrics).toEqual(metrics);
  });

  test("a run in the closed file can be rolled back", async () => {
    const world = await begin();
    const [first] = recordsOf(world);
    await rotate(world);
    const { became } = await seeWorld({
      argv: `rollback --run ${first?.runId ?? ""} --allow-deletes --yes`,
      from: world,
    });
    expect(became).toEqual(["delete alpha applied"]);
  });

  test("a trail whose current file was deleted is cut", async () => {
    const world = await begin();
    await rotate(world);
    world.files.take(trailPath);
    expect((await seeWorld({ argv: "", from: world })).codes).toEqual(["audit/cut"]);
  });
});

describe("a file that another program moved", () => {
  for (const name of [`${trailPath}.1`, `${trailPath}-20261129`])
    for (const [how, leave] of [
      ["is gone", null],
      ["is empty", ""],
    ] as const)
      test(`to ${name} is named where the trail ${how}, and the trail goes on once it is back`, async () => {
        const world = await begin();
        const text = world.files.text(trailPath);
        world.files.set(name, text);
        if (leave === null) world.files.take(trailPath);
        else world.files.set(trailPath, leave);
        const { codes, result } = await seeWorld({ argv: "", from: world });
        expect(codes).toEqual([leave === null ? "audit/gone" : "audit/cut"]);
        expect(result.diagnostics[0]?.message).toContain(`${name} holds the record`);
        expect(result.diagnostics[0]?.hint).toContain(`mv ${name} ${trailPath}`);
        world.files.take(name);
        world.files.set(trailPath, text);
        expect((await seeWorld({ argv: "", from: world })).codes).toEqual([]);
      });
});

describe("a closed file that was put away", () => {
  test("is told once, and the chain is proven from the next file on", async () => {
    const world = await begin();
    await rotate(world);
    world.files.take(closedOf(world.files)[0] ?? "");
    expect((await seeWorld({ argv: "", from: world })).warnings).toEqual(["audit/putAway"]);
    expect((await seeWorld({ argv: "", from: world })).warnings).toEqual([]);
    const { status, out } = await runWorld({ argv: "audit verify", from: world });
    expect(status).toBe(0);
    expect(out).toContain("1 record, unbroken");
    expect(out).toContain("is not beside this file");
  });

  test("is missed by a machine whose last head is in it", async () => {
    const world = await begin();
    const head = world.files.text(headPath);
    await rotate(world);
    world.files.take(closedOf(world.files)[0] ?? "");
    world.files.set(headPath, head);
    const { codes, result } = await seeWorld({ argv: "", from: world });
    expect(codes).toEqual(["audit/gone"]);
    expect(result.diagnostics[0]?.message).toContain("subscription_audit.log-");
  });
});

const changes: readonly DiskOperation[] = [
  "openAppend",
  "append",
  "sync",
  "rename",
  "create",
  "write",
  "remove",
];

/** From the n-th call on that changes the disk every call fails, as if the process had died there. */
async function rotateUntil(world: TestWorld, dieAt: number, bytesBefore: number): Promise<boolean> {
  let changed = 0;
  world.files.before = (operation) => {
    if (changes.includes(operation) && changed < dieAt) changed += 1;
    if (changed < dieAt) return;
    if (operation === "append" && bytesBefore > 0) world.files.failNext("append", "EIO", bytesBefore);
    else throw Object.assign(new Error("EIO: died"), { code: "EIO" });
  };
  await rotate(world).catch(() => undefined);
  world.files.before = () => undefined;
  for (const path of world.files.paths()) if (path.includes("lock.")) world.files.take(path);
  return changed >= dieAt;
}

describe("a closed file whose name is taken", () => {
  for (const next of ["", "audit rotate"])
    test(`gets the next free one from \`reconcile ${next}\`, after a rotation that died before the rename`, async () => {
      const world = await begin();
      world.files.failNext("rename", "EIO");
      await rotate(world);
      const { event, timestamp = "" } = recordsIn(world.files.text(trailPath)).at(-1) ?? {};
      expect(event).toBe("trail.closed");
      const names = [0, 1, 2].map((seconds) =>
        closedPath(trailPath, new Date(Date.parse(timestamp) + seconds * 1_000).toISOString()),
      ) as [string, string, string];
      world.files.set(names[0], "another file\n");
      world.files.set(names[1], "another file\n");
      world.files.set("subscriptions/b.yaml", manifest("beta"));
      const { status, err } = await runWorld({ argv: next, from: world });
      expect([status, err]).toEqual([0, ""]);
      expect(world.files.text(names[0])).toBe("another file\n");
      // The clock goes on while a run asks the platform, so that the next free name is not known beforehand.
      const others = closedOf(world.files).filter(
        (path) => !path.endsWith(names[0]) && !path.endsWith(names[1]),
      );
      expect(others.map((path) => recordsIn(world.files.text(path)).at(-1)?.event)).toEqual([
        "trail.closed",
      ]);
      expect((await runWorld({ argv: "audit verify", from: world })).status).toBe(0);
    });

  test("as by several rotations in one second, of which each keeps its own", async () => {
    const world = await begin();
    for (let number = 0; number < 4; number += 1) expect((await rotate(world)).status).toBe(0);
    expect(closedOf(world.files)).toHaveLength(4);
    expect(recordsOf(world).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect((await runWorld({ argv: "audit verify", from: world })).out).toContain("in 5 files, unbroken");
  });
});

describe("a closed file whose closing record holds an odd time", () => {
  for (const timestamp of [
    "nonsense",
    "+275760-09-12T23:59:59Z",
    "+275760-09-13T00:00:00Z",
    "-000001-01-01T00:00:00Z",
  ])
    test(`is named after the time at which the trail goes on: ${timestamp}`, async () => {
      const world = await begin();
      world.files.failNext("rename", "EIO");
      await rotate(world);
      const edit = ({ event }: AuditRecord) => (event === "trail.closed" ? { timestamp } : {});
      plantTrail(world.files, reseal(world.files.text(trailPath), edit));
      const nameOf = (seconds: number) =>
        closedPath(trailPath, new Date(world.clock.now() + seconds * 1_000).toISOString());
      const taken = nameOf(0);
      world.files.set(taken, "another file\n");
      const head = recordsIn(world.files.text(trailPath)).at(-1)?.hash ?? "";
      expect((await runWorld({ argv: `--accept-head ${head}`, from: world })).err).toBe("");
      const [free = ""] = closedOf(world.files).filter((path) => !path.endsWith(taken));
      expect(recordsIn(world.files.text(free)).at(-1)).toMatchObject({ event: "trail.closed", timestamp });
      expect((await runWorld({ argv: "audit verify", from: world })).out).toContain("in 2 files, unbroken");
    });
});

describe("a rotation that dies at any moment", () => {
  for (const next of ["sync", "audit rotate"])
    for (const bytesBefore of [0, 100])
      test(`with ${bytesBefore} bytes of its append on the disk, \`${next}\` goes on where it ended`, async () => {
        const sound = await begin();
        const paths = sound.files.paths();
        let deaths = 0;
        for (let hasDied = true; hasDied; deaths += 1) {
          const world = { ...sound, files: makeMemoryFiles() } as TestWorld;
          for (const path of paths) world.files.set(path, sound.files.text(path), sound.files.mode(path));
          hasDied = await rotateUntil(world, deaths + 1, bytesBefore);
          const seen = await runWorld({ argv: "audit verify", from: world });
          expect(seen.status, `${deaths}: ${seen.out}`).toBe(0);
          // The platform is the same each time, so each death has a group of its own to write.
          world.files.set("subscriptions/b.yaml", manifest(`beta-${deaths}`));
          const { status, err } = await runWorld({ argv: next, from: world });
          expect(status, `${deaths}: ${err}`).toBe(0);
          expect(err).not.toContain("error");
          const records = recordsOf(world);
          expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at + 1));
          const verified = await runWorld({ argv: "audit verify", from: world });
          expect(verified.status, `${deaths}: ${verified.out}`).toBe(0);
        }
        expect(deaths).toBeGreaterThan(10);
      });
});
