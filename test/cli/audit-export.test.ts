// `audit export`: the trail of each store as one file, which `audit verify` accepts with the same head.
import { expect, test } from "vitest";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { manifest, runWorld, trailPath, type TestWorld } from "../support/world.ts";

const copy = "copy.log";
const exportTo = (from: TestWorld, more: object = {}) =>
  runWorld({ argv: `audit export --file ${copy}`, from, ...more });

const config =
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\nstate: { store: postgres }\n";
const files = { "subscriptions/a.yaml": manifest("alpha") };

async function begin(): Promise<TestWorld> {
  return (await runWorld({ argv: "", files })).world;
}

const headOf = async (from: TestWorld, argv: string) => (await runWorld({ argv, from })).out.trim();

test("writes the trail of files, and of all its files, byte for byte, for this user alone", async () => {
  const world = await begin();
  await runWorld({ argv: "audit rotate", from: world });
  const closed = world.files.paths().find((path) => path.endsWith("Z")) ?? "";
  const { status, out, err } = await exportTo(world);
  expect([status, err]).toEqual([0, ""]);
  expect(world.files.text(copy)).toBe(world.files.text(closed) + world.files.text(trailPath));
  expect(world.files.mode(copy)).toBe(0o600);
  const head = await headOf(world, "audit head");
  expect(out).toContain(head);
  const verified = await runWorld({
    argv: `audit verify --file ${copy} --expect-head ${head}`,
    from: world,
  });
  expect([verified.status, await headOf(world, `audit head --file ${copy}`)]).toEqual([0, head]);
});

test("reads the trail of a shared store anew", async () => {
  const begun = await runWorld({ argv: "validate", files: { ...files, "reconcile.yaml": config } });
  const store = makeMemoryStore(begun.world.clock);
  const openStore = () => Promise.resolve(store);
  const { world } = await runWorld({ argv: "", from: begun.world, openStore });
  const local = world.files
    .paths()
    .find((path) => path.includes("/.reconcile/state/") && path.endsWith(".log"));
  world.files.set(local ?? "", world.files.text(local ?? "").replace("alpha", "alphA"));
  const { status } = await exportTo(world, { openStore });
  const [key = ""] = store.keys();
  const [organization = "", owner = ""] = key.split("/");
  const lines = store.of({ organization, owner }).records.map(({ line }) => `${line}\n`);
  expect([status, world.files.text(copy)]).toEqual([0, lines.join("")]);
  const other = `audit export --file other.log --owner other --organization ${organization}`;
  expect((await runWorld({ argv: other, from: world, openStore })).err).toContain(
    "there is no audit trail",
  );
});

test("writes a broken trail as it is, with a warning", async () => {
  const world = await begin();
  world.files.set(trailPath, world.files.text(trailPath).replace("alpha", "alphA"));
  const { status, err } = await exportTo(world);
  expect([status, world.files.text(copy)]).toEqual([0, world.files.text(trailPath)]);
  expect(err).toContain("warning: line 2");
});

test("leaves out a line that is not whole, and says so", async () => {
  const world = await begin();
  const whole = world.files.text(trailPath);
  world.files.set(trailPath, `${whole}{"seq":`);
  const { status, err } = await exportTo(world);
  expect([status, world.files.text(copy)]).toEqual([0, whole]);
  expect(err).toContain("incomplete");
});

test("replaces no file", async () => {
  const world = await begin();
  world.files.set(copy, "mine");
  const { status, err } = await exportTo(world);
  expect([status, world.files.text(copy)]).toEqual([1, "mine"]);
  expect(err).toContain("exists already");
});

test.each(["append", "sync", "rename"] as const)(
  "leaves nothing behind where the %s fails",
  async (operation) => {
    const world = await begin();
    const before = world.files.paths();
    world.files.failNext(operation, "ENOSPC", 10);
    const { status, err } = await exportTo(world);
    expect([status, world.files.paths()]).toEqual([1, before]);
    expect(err).toContain(`${copy} cannot be written`);
  },
);

test("refuses where there is no trail", async () => {
  const { status, err, world } = await runWorld({ argv: `audit export --file ${copy}`, files });
  expect([status, world.files.paths().includes(`/${copy}`)]).toEqual([1, false]);
  expect(err).toContain("there is no audit trail");
});
