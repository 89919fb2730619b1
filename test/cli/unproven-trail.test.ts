// A trail is proven before anything in it counts: what does not verify stops every write, and a person may accept its head.
import { describe, expect, test } from "vitest";
import { genesis } from "../../src/audit/record.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { reseal } from "../support/reseal.ts";
import { seeWorld } from "../support/see.ts";
import {
  headPath,
  loggedIn,
  manifest,
  plantTrail,
  runWorld,
  trailOf,
  trailPath,
  writesOf,
  type TestWorld,
} from "../support/world.ts";

const key = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-signing-key-of-these-tests-0123" };

/** One group is live and on record; then a manifest of another one is added, so that the next pass has to write. */
async function begin(environment = loggedIn): Promise<TestWorld> {
  const { world } = await runWorld({
    argv: "",
    files: { "subscriptions/a.yaml": manifest("alpha") },
    environment,
  });
  world.files.set("subscriptions/b.yaml", manifest("beta"));
  return world;
}

const linesOf = (world: TestWorld): string[] => world.files.text(trailPath).split("\n").filter(Boolean);
const headOf = (world: TestWorld): string => trailOf(world.files).at(-1)?.hash ?? "0".repeat(64);
const redirect = (text: string): string => text.replaceAll("https://", "https://evil.");

type Tampering = readonly [what: string, code: string, tamper: (world: TestWorld) => void];
const tamperings: readonly Tampering[] = [
  [
    "an edit in every record",
    "audit/broken",
    ({ files }) => {
      files.set(trailPath, files.text(trailPath).replaceAll(/"actor":"[^"]*"/g, '"actor":"x"'));
    },
  ],
  [
    "an edited record",
    "audit/broken",
    ({ files }) => {
      files.set(trailPath, redirect(files.text(trailPath)));
    },
  ],
  [
    "a record that is gone",
    "audit/broken",
    (world) => {
      world.files.set(trailPath, `${linesOf(world).toSpliced(1, 1).join("\n")}\n`);
    },
  ],
  [
    "a record that makes no sense",
    "audit/malformed",
    ({ files }) => {
      plantTrail(
        files,
        reseal(files.text(trailPath), ({ seq }) => (seq === 2 ? { after: { eventTypes: [5] } } : {})),
      );
    },
  ],
  [
    "the last record cut off",
    "audit/cut",
    (world) => {
      world.files.set(trailPath, `${linesOf(world).slice(0, -1).join("\n")}\n`);
    },
  ],
  [
    "an empty file",
    "audit/cut",
    ({ files }) => {
      files.set(trailPath, "");
    },
  ],
  [
    "no file",
    "audit/gone",
    ({ files }) => {
      files.take(trailPath);
    },
  ],
  [
    "another trail of the same length",
    "audit/replaced",
    ({ files }) => {
      files.set(trailPath, reseal(redirect(files.text(trailPath))));
    },
  ],
];

describe.each(tamperings)("a trail with %s", (_, code, tamper) => {
  test("stops a sync before its first write, with both heads and the way out", async () => {
    const from = await begin();
    const seen = headOf(from);
    tamper(from);
    const { status, result, world } = await seeWorld({ argv: "", from });
    const [fault] = result.diagnostics;
    expect([status, fault?.code, result.diagnostics.length]).toEqual([1, code, 1]);
    if (code !== "audit/malformed") expect(fault?.message).toContain(seen);
    if (headOf(from) === seen) expect(fault?.message.split(seen)).toHaveLength(2);
    expect(fault?.message).toMatch(/stands there now/);
    expect(fault?.hint).toContain(`reconcile sync --accept-head ${headOf(from)}`);
    expect([writesOf(world), from.files.paths().filter((path) => path.includes(".torn"))]).toEqual([
      [],
      [],
    ]);
  });

  test("leaves a dry run its plan, with a warning", async () => {
    const from = await begin();
    tamper(from);
    const { status, result } = await seeWorld({ argv: "plan", from });
    expect([status, result.summary.create]).toEqual([0, 1]);
    expect(result.diagnostics.find((one) => one.code === code)?.severity).toBe("warning");
  });

  test("is gone on from once its head is accepted, on record, and later checks begin there", async () => {
    const from = await begin();
    tamper(from);
    const found = headOf(from);
    const other = await seeWorld({ argv: `--accept-head ${"ab".repeat(32)}`, from });
    expect([other.status, other.result.diagnostics[0]?.code, writesOf(other.world)]).toEqual([
      1,
      "audit/otherHead",
      [],
    ]);
    const accepted = await runWorld({ argv: `--accept-head ${found}`, from });
    expect(accepted.out).toContain("Done: 1 created");
    const started = trailOf(from.files).findLast(({ event }) => event === "run.started");
    expect(started).toMatchObject({ accepted: { found: { hash: found } }, prevHash: found });
    expect(await verifyTrail(from.files, trailPath)).toMatchObject({
      ok: true,
      acceptance: { runId: started?.runId, found: { hash: found } },
    });
    from.files.set("subscriptions/c.yaml", manifest("gamma"));
    const next = await runWorld({ argv: "", from });
    expect([next.status, next.err]).toEqual([0, ""]);
    expect(trailOf(from.files).filter(({ accepted: one }) => one !== undefined)).toHaveLength(1);
  });
});

test("`audit head` and `status` go on, with a warning", async () => {
  const from = await begin();
  from.files.set(trailPath, redirect(from.files.text(trailPath)));
  const head = await runWorld({ argv: "audit head", from });
  expect([head.status, head.out]).toEqual([0, `${headOf(from)}\n`]);
  expect(head.err).toMatch(/^warning: line \d of the audit trail .* breaks its chain/);
  const status = await runWorld({ argv: "status", from });
  expect(status.err).toMatch(/^warning: line \d of the audit trail/);
});

test("an acceptance is put on record even where there is nothing else to do", async () => {
  const from = await begin();
  await runWorld({ argv: "", from });
  from.files.take(trailPath);
  const { status, out } = await runWorld({ argv: `--accept-head ${"0".repeat(64)}`, from });
  expect([status, out]).toEqual([0, expect.stringContaining("2 unchanged")]);
  expect(trailOf(from.files).map(({ seq, event }) => [seq, event])).toEqual([
    [1, "run.started"],
    [2, "run.finished"],
  ]);
});

test("a head that needs no acceptance is no fault, and is put on no record", async () => {
  const from = await begin();
  const { status } = await runWorld({ argv: `--accept-head ${headOf(from)}`, from });
  expect([status, trailOf(from.files).some(({ accepted }) => accepted !== undefined)]).toEqual([0, false]);
});

test("a run from before an acceptance is not rolled back, with any flags", async () => {
  const from = await begin();
  const run = trailOf(from.files)[0]?.runId ?? "";
  from.files.set(trailPath, redirect(from.files.text(trailPath)));
  await runWorld({ argv: `--accept-head ${headOf(from)}`, from });
  for (const flags of ["", " --force"]) {
    const { status, result, world } = await seeWorld({ argv: `rollback --run ${run}${flags}`, from });
    expect([status, result.diagnostics[0]?.code, writesOf(world)]).toEqual([1, "rollback/unproven", []]);
  }
});

test("a trail that a pass has proven is proven no further than what follows", async () => {
  const from = await begin();
  const reads: number[] = [];
  const counted = {
    ...from.files,
    readRange: (path: string, start: number, end: number) => {
      if (path.endsWith(".log")) reads.push(end - start);
      return from.files.readRange(path, start, end);
    },
  };
  await runWorld({ argv: "plan", from: { ...from, files: counted } });
  expect(reads.length).toBeLessThan(8);
});

describe("with a key", () => {
  test("a pass that changes nothing seals the head that was kept without it", async () => {
    const from = await begin();
    await runWorld({ argv: "", from });
    await runWorld({ argv: "", from, environment: key });
    expect(JSON.parse(from.files.text(headPath))).toMatchObject({
      seal: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  test("a head that is not sealed under it proves nothing, and still shows what is gone", async () => {
    const from = await begin();
    const { status } = await runWorld({ argv: "", from, environment: key });
    expect(status).toBe(0);
    from.files.set(headPath, from.files.text(headPath).replace(/"seal": "[^"]+"/, '"seal": ""'));
    from.files.set(trailPath, redirect(from.files.text(trailPath)));
    const { result } = await seeWorld({ argv: "", from, environment: key });
    expect(result.diagnostics[0]?.code).toBe("audit/broken");
    from.files.take(trailPath);
    const gone = await seeWorld({ argv: "", from, environment: key });
    expect(gone.result.diagnostics[0]?.code).toBe("audit/gone");
  });

  test("someone who forges the trail and the kept head alike is named", async () => {
    const from = await begin(key);
    const forged = reseal(redirect(from.files.text(trailPath)));
    const machine = await begin();
    plantTrail(machine.files, forged);
    await runWorld({ argv: "", from: machine });
    from.files.set(trailPath, machine.files.text(trailPath));
    from.files.set(headPath, machine.files.text(headPath));
    const { status, result, world } = await seeWorld({ argv: "", from, environment: key });
    // What is unsigned throughout verifies, so it can only be named, on the screen and on record.
    expect([status, result.diagnostics.map(({ code }) => code)]).toEqual([0, ["audit/unsigned"]]);
    expect(writesOf(world)).toHaveLength(1);
    const first = trailOf(from.files).find(({ unsignedBefore }) => unsignedBefore !== undefined);
    expect(first?.unsignedBefore?.count).toBe(linesOf(machine).length);
  });

  test("the first signed record names what came before, and `verify` prints both", async () => {
    const from = await begin();
    const [count, head] = [linesOf(from).length, headOf(from)];
    await runWorld({ argv: "", from, environment: key });
    const signed = linesOf(from).length - count;
    const first = trailOf(from.files)[count];
    expect(first?.unsignedBefore).toEqual({ head, count });
    const verify = await runWorld({ argv: "audit verify", from, environment: key });
    expect([verify.status, verify.out]).toEqual([
      0,
      expect.stringContaining(`${count} records before the first signed one, up to ${head}, prove nothing`),
    ]);
    expect(verify.out).toContain(`${signed} signed`);
    const strict = await runWorld({ argv: "audit verify --require-signed", from, environment: key });
    expect([strict.status, strict.out]).toEqual([1, expect.stringContaining("[audit/unsigned]")]);
    const without = await runWorld({ argv: "audit verify --require-signed", from });
    expect(without.status).toBe(1);
  });

  test("a statement of the unsigned records that is not true breaks the chain", async () => {
    const from = await begin();
    await runWorld({ argv: "", from, environment: key });
    const lines = linesOf(from);
    const cut = lines.findIndex((line) => line.includes("unsignedBefore"));
    // Nobody without the key can make this: it is what a forger would want to be true.
    const forged = reseal(lines.slice(cut).join("\n"), () => ({}), "the-signing-key-of-these-tests-0123");
    from.files.set(trailPath, forged);
    expect(
      await verifyTrail(from.files, trailPath, { key: "the-signing-key-of-these-tests-0123" }),
    ).toMatchObject({
      firstBroken: { line: 1, reason: "its unsignedBefore does not name the records before it" },
    });
  });

  test("a signed trail is not gone on with unsigned, and a dry run only warns", async () => {
    const from = await begin(key);
    for (const tamper of [
      () => undefined,
      () => {
        from.files.take(headPath);
      },
    ]) {
      tamper();
      const { status, result, world } = await seeWorld({ argv: "", from });
      expect([status, result.diagnostics[0]?.code, writesOf(world)]).toEqual([1, "audit/keyMissing", []]);
      const plan = await seeWorld({ argv: "plan", from });
      expect([plan.status, plan.codes, plan.warnings]).toEqual([0, [], ["audit/keyMissing"]]);
    }
  });

  test("an acceptance without the key does not count for one who has it", async () => {
    const from = await begin(key);
    from.files.set(trailPath, redirect(from.files.text(trailPath)));
    await runWorld({ argv: `--accept-head ${headOf(from)}`, from });
    const { result } = await seeWorld({ argv: "", from, environment: key });
    expect(result.diagnostics[0]?.code).toBe("audit/broken");
  });

  test.each([
    ["with", key],
    ["without", loggedIn],
  ])(
    "an unsigned trail that claims an acceptance of the signed head stops a run %s the key",
    async (_, now) => {
      const from = await begin(key);
      const { seq, hash } = trailOf(from.files).at(-1) ?? { seq: 0, hash: "" };
      const accepted = { lastSeen: { seq, hash }, found: genesis };
      const claim = (record: { readonly seq: number }) => (record.seq === 1 ? { accepted } : {});
      from.files.set(trailPath, reseal(redirect(from.files.text(trailPath)), claim));
      const { status, result, world } = await seeWorld({ argv: "", from, environment: now });
      expect([status, result.diagnostics[0]?.code, writesOf(world)]).toEqual([1, "audit/replaced", []]);
    },
  );

  test("another key goes on where the head is accepted", async () => {
    const from = await begin(key);
    const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "another-signing-key-of-these-tests" };
    const refused = await seeWorld({ argv: "", from, environment });
    expect(refused.result.diagnostics[0]?.code).toBe("audit/broken");
    const accepted = await runWorld({ argv: `--accept-head ${headOf(from)}`, from, environment });
    expect(accepted.status).toBe(0);
    const verify = await runWorld({ argv: "audit verify --require-signed", from, environment });
    expect(verify.status).toBe(0);
  });
});

test("a run says that another machine accepted a trail without the head that this one saw last", async () => {
  const from = await begin();
  const { seq, hash } = trailOf(from.files).at(-1) ?? { seq: 0, hash: "" };
  const accepted = { lastSeen: { seq, hash }, found: genesis };
  from.files.set(
    trailPath,
    reseal(from.files.text(trailPath), (record) => (record.seq === 1 ? { accepted } : {})),
  );
  const { runId = "" } = trailOf(from.files)[0] ?? {};
  const { status, result } = await seeWorld({ argv: "", from });
  expect([status, result.diagnostics.map(({ code }) => code)]).toEqual([0, ["audit/accepted"]]);
  expect(result.diagnostics[0]?.message).toContain(`record ${seq} (${hash})`);
  expect(result.diagnostics[0]?.message).toContain(`run ${runId}`);
  const next = await runWorld({ argv: "", from });
  expect([next.status, next.err]).toEqual([0, ""]);
});

test("`--accept-head` is refused where nothing is recorded", async () => {
  const from = await begin();
  const { status, result } = await seeWorld({ argv: `--dry-run --accept-head ${"0".repeat(64)}`, from });
  expect([status, result.diagnostics[0]?.code]).toEqual([1, "acceptHead/inDryRun"]);
});

test("invalid manifests are not recorded behind a trail that does not verify", async () => {
  const from = await begin();
  from.files.set("subscriptions/b.yaml", "kind: Nonsense\n");
  from.files.set(trailPath, redirect(from.files.text(trailPath)));
  const before = from.files.text(trailPath);
  const { result } = await seeWorld({ argv: "", from });
  expect(result.diagnostics.map(({ code }) => code)).toContain("audit/broken");
  expect(from.files.text(trailPath)).toBe(before);
});
