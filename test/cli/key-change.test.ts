// A rotation is where the key changes: one key signs a file as a whole, up to its closing record.
import { expect, test } from "vitest";
import { findSeal } from "../../src/audit/record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { reseal } from "../support/reseal.ts";
import { seeWorld } from "../support/see.ts";
import { headPath, loggedIn, manifest, runWorld, trailPath, type TestWorld } from "../support/world.ts";

const [oldest, older, newer] = ["oldest", "older", "newer"].map(
  (age) => `${age}-key-of-tests-with-32-characters`,
) as [string, string, string];

const signing = (key: string, previous?: string) => ({
  ...loggedIn,
  RECONCILE_AUDIT_KEY: key,
  ...(previous === undefined ? {} : { RECONCILE_AUDIT_KEY_PREVIOUS: previous }),
});

async function begin(environment = signing(older)): Promise<TestWorld> {
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "", files, environment });
  world.files.set("subscriptions/b.yaml", manifest("beta"));
  return world;
}

const verify = (from: TestWorld, environment: Readonly<Record<string, string>>) =>
  runWorld({ argv: "audit verify --require-signed", from, environment });

/** Which key signed each record of a file: the newer one, the older one, or neither. */
function signersOf(text: string): readonly string[] {
  const signer = (record: AuditRecord): string =>
    [newer, older].find((key) => findSeal(record, key) === "signed") ?? "neither";
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => signer(JSON.parse(line) as AuditRecord));
}

test("the closing record is signed with the previous key, and everything after it with the other one", async () => {
  const from = await begin();
  const environment = signing(newer, older);
  expect((await runWorld({ argv: "audit rotate", from, environment })).status).toBe(0);
  const closed = from.files.paths().find((path) => path.endsWith("Z")) ?? "";
  expect(new Set(signersOf(from.files.text(closed)))).toEqual(new Set([older]));
  expect(await seeWorld({ argv: "", from, environment })).toMatchObject({ status: 0, warnings: [] });
  expect(new Set(signersOf(from.files.text(trailPath)))).toEqual(new Set([newer]));
  expect((await verify(from, environment)).status).toBe(0);
  const alone = await verify(from, signing(newer));
  expect([alone.status, alone.out]).toEqual([1, expect.stringContaining("RECONCILE_AUDIT_KEY_PREVIOUS")]);
});

test("without the previous key, the machine that rotated goes on, and another one stops", async () => {
  const from = await begin();
  await runWorld({ argv: "audit rotate", from, environment: signing(newer, older) });
  expect((await seeWorld({ argv: "", from, environment: signing(newer) })).codes).toEqual([]);
  from.files.take(headPath);
  expect((await seeWorld({ argv: "", from, environment: signing(newer) })).codes).toEqual(["audit/broken"]);
  expect((await seeWorld({ argv: "", from, environment: signing(newer, older) })).codes).toEqual([]);
});

test("before the rotation, a pass does not sign the file with another key", async () => {
  const from = await begin();
  const { codes, result } = await seeWorld({ argv: "", from, environment: signing(newer, older) });
  expect(codes).toEqual(["audit/keyChanged"]);
  expect(result.diagnostics.at(-1)?.hint).toContain("reconcile audit rotate");
  const plan = await seeWorld({ argv: "plan", from, environment: signing(newer, older) });
  expect([plan.codes, plan.warnings, plan.status]).toEqual([[], ["audit/keyChanged"], 0]);
});

test.each([
  ["", "audit/broken"],
  ["plan", "audit/broken"],
  ["rollback --last", "rollback/brokenTrail"],
  ["rollback --last --dry-run", "rollback/brokenTrail"],
])("with the new key alone, `reconcile %s` names the variable of the former one", async (argv, code) => {
  const from = await begin();
  const { about } = await seeWorld({ argv, from, environment: signing(newer) });
  expect(about(code)[0]?.hint).toMatch(
    /if the key was changed here, put the former one into RECONCILE_AUDIT_KEY_PREVIOUS.*`reconcile audit rotate`/,
  );
});

test("without a key, a command that only looks warns that the signature is not checked", async () => {
  const from = await begin();
  const { warnings, status, about } = await seeWorld({ argv: "plan", from, environment: loggedIn });
  expect([warnings, status]).toEqual([["audit/keyMissing"], 0]);
  expect(about("audit/keyMissing")[0]?.hint).toContain("a sync without it writes nothing");
  const refused = await seeWorld({ argv: "", from, environment: loggedIn });
  expect(refused.codes).toEqual(["audit/keyMissing"]);
  const said = about("audit/keyMissing")[0]?.message ?? "no warning";
  for (const argv of ["status", "audit head"])
    expect((await runWorld({ argv, from, environment: loggedIn })).err).toContain(
      `warning: ${said} [audit/keyMissing]\n  = `,
    );
  const seen = (argv: string, environment: Readonly<Record<string, string>>) =>
    runWorld({ argv, from, environment });
  // Only the jobs that write are to have the key.
  const onCi = await seeWorld({ argv: "plan", from, environment: { ...loggedIn, CI: "true" } });
  expect([onCi.warnings, onCi.status]).toEqual([[], 0]);
  const figures = (await seen("status", signing(older))).out;
  expect((await seen("status", loggedIn)).out).toBe(figures);
});

test("on a CI runner a plan without the key warns of nothing where the kept head is old or absent, and a sync still stops", async () => {
  const from = await begin();
  const old = from.files.text(headPath);
  await runWorld({ argv: "", from, environment: signing(older) });
  const onCi = { from, environment: { ...loggedIn, CI: "true" } };
  for (const keptHead of [old, null]) {
    if (keptHead === null) from.files.take(headPath);
    else from.files.set(headPath, keptHead);
    expect(await seeWorld({ argv: "plan", ...onCi })).toMatchObject({ status: 0, warnings: [] });
    expect((await seeWorld({ argv: "", ...onCi })).codes).toEqual(["audit/keyMissing"]);
  }
});

test("a key may change more than once, and each former one proves the files that it signed", async () => {
  const from = await begin(signing(oldest));
  await runWorld({ argv: "audit rotate", from, environment: signing(older, oldest) });
  await from.clock.sleep(1_000);
  await runWorld({ argv: "audit rotate", from, environment: signing(newer, `${older} ${oldest}`) });
  expect((await verify(from, signing(newer, `${older} ${oldest}`))).status).toBe(0);
  expect((await verify(from, signing(newer, `${oldest} ${older}`))).status).toBe(1);
});

test("an unsigned trail is signed from its closing record on", async () => {
  const from = await begin(loggedIn as ReturnType<typeof signing>);
  const { err } = await runWorld({ argv: "audit rotate", from, environment: signing(newer) });
  expect(err).toMatch(/^warning: the 4 records in .*are not signed \[audit\/unsigned\]\n {2}= /);
  const { status, out } = await runWorld({ argv: "audit verify", from, environment: signing(newer) });
  expect([status, out]).toEqual([0, expect.stringContaining("2 signed")]);
});

/** The trail of a run that still signed with the line end at the end of its key's variable. */
async function signedWithLineEnd(): Promise<TestWorld> {
  const from = await begin();
  from.files.set(
    trailPath,
    reseal(from.files.text(trailPath), () => ({}), `${older}\n`),
  );
  from.files.take(headPath);
  return from;
}

test("a trail that is signed under the key with a line end is closed under it, and goes on under the key alone", async () => {
  const from = await signedWithLineEnd();
  const environment = signing(`${older}\n`);
  expect((await verify(from, environment)).status).toBe(0);
  const { codes, result } = await seeWorld({ argv: "", from, environment });
  expect(codes).toEqual(["audit/keyChanged"]);
  expect(result.diagnostics.at(-1)?.message).toContain("RECONCILE_AUDIT_KEY and a line end behind it");
  expect((await runWorld({ argv: "audit rotate", from, environment })).status).toBe(0);
  expect((await seeWorld({ argv: "", from, environment })).codes).toEqual([]);
  expect(new Set(signersOf(from.files.text(trailPath)))).toEqual(new Set([older]));
  expect((await verify(from, environment)).status).toBe(0);
});

test("the previous key may be the key with its line end", async () => {
  const from = await signedWithLineEnd();
  expect((await verify(from, signing(older))).out).toContain("RECONCILE_AUDIT_KEY_PREVIOUS");
  const environment = signing(older, `${older}\n`);
  expect((await verify(from, environment)).status).toBe(0);
  expect((await runWorld({ argv: "audit rotate", from, environment })).status).toBe(0);
  expect((await seeWorld({ argv: "", from, environment })).codes).toEqual([]);
});

test("a key that differs from the former one by a blank is another key, and not told of as a line end", async () => {
  const from = await begin();
  const { about } = await seeWorld({ argv: "", from, environment: signing(`${older} `, older) });
  expect(about("audit/keyChanged")[0]?.message).toBe(
    `the audit trail ${trailPath} is signed with RECONCILE_AUDIT_KEY_PREVIOUS, and not with RECONCILE_AUDIT_KEY`,
  );
});
