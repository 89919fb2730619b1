import { expect, test, vi } from "vitest";
import { copyOf } from "../attack/stage.ts";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import { forgetTrail, manifest, methodsOf, runWorld, trailOf, type TestWorld } from "../support/world.ts";
import { asOddly } from "./beside.ts";
import { oddFormsOf, type OddForm } from "./odd-forms.ts";

// Each of these runs some hundred commands.
vi.setConfig({ testTimeout: 120_000 });

interface Told {
  readonly ok: boolean;
  readonly drift: readonly unknown[];
  readonly orphans: readonly unknown[];
  readonly operations: readonly {
    readonly group: string;
    readonly action: string;
    readonly status: string;
  }[];
  readonly diagnostics: readonly {
    readonly severity: string;
    readonly code: string;
    readonly message: string;
  }[];
}

const told = (out: string): Told => JSON.parse(out) as Told;
const isUnread = ({ code }: { readonly code: string }): boolean => code === "resource/unread";

const worlds = new Map<TestKind, Promise<TestWorld>>();

/** Group alpha is live, and beta is to be made. Each call gets a copy. */
async function setUp(kind: TestKind): Promise<TestWorld> {
  const made = worlds.get(kind) ?? makeStage(kind);
  worlds.set(kind, made);
  return copyOf(await made);
}

async function makeStage(kind: TestKind): Promise<TestWorld> {
  const files = { "subscriptions/alpha.yaml": manifest("alpha", { kind }) };
  const { world, status } = await runWorld({ argv: "sync", files });
  expect(status).toBe(0);
  world.files.set("subscriptions/beta.yaml", manifest("beta", { kind }));
  return world;
}

const ofGroup = (world: TestWorld, group: string) =>
  storedIn(world).filter(({ description }) => description.includes(`group: ${group}`));

const inOrder = <T>(all: readonly T[]): readonly T[] =>
  all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const unread = new Map<TestKind, Promise<readonly OddForm[]>>();

/** The forms in which a resource of ours cannot be read. */
function unreadForms(kind: TestKind): Promise<readonly OddForm[]> {
  const found = unread.get(kind) ?? findUnread(kind);
  unread.set(kind, found);
  return found;
}

async function findUnread(kind: TestKind): Promise<readonly OddForm[]> {
  const world = await setUp(kind);
  const found = [];
  for (const form of oddFormsOf(kind)) {
    const { out } = await runWorld({
      argv: "plan --output json",
      from: copyOf(world),
      intercept: asOddly(kind, form),
    });
    if (told(out).diagnostics.some(isUnread)) found.push(form);
  }
  return found;
}

test.each(kinds)("one of our $nouns that cannot be read is an error of its group alone", async (kind) => {
  const world = await setUp(kind);
  const before = ofGroup(world, "alpha");
  const forms = await unreadForms(kind);
  expect(forms.length).toBeGreaterThan(8);
  for (const form of forms) {
    // With the trail its id is known, and without it its marker or its name.
    for (const remembers of form.path.length === 0 ? [] : [true, false]) {
      const from = copyOf(world);
      if (!remembers) forgetTrail(from.files);
      const argv = "sync --prune --output json";
      const { status, out } = await runWorld({ argv, from, intercept: asOddly(kind, form) });
      const { drift, orphans, operations, diagnostics } = told(out);
      const where = `${form.name}, ${remembers ? "with" : "without"} the trail`;
      expect(status, where).toBe(1);
      expect([drift, orphans], where).toEqual([[], []]);
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      expect(errors.every(isUnread) && errors.length > 0, `${where}: ${JSON.stringify(errors)}`).toBe(true);
      for (const one of operations)
        expect(one, where).toMatchObject(
          one.group === "beta" ? { action: "create", status: "applied" } : { status: "skipped" },
        );
      expect(ofGroup(from, "alpha"), where).toEqual(before);
      expect(inOrder(ofGroup(from, "beta")), where).toEqual(inOrder(wholeOf(kind, "beta")));
      // Once it can be read, nothing is left to do.
      expect((await runWorld({ argv: "plan --detailed-exitcode", from })).status, where).toBe(0);
    }
  }
});

test.each(kinds)("one of our $nouns that cannot be read is rolled back by no run", async (kind) => {
  const world = await setUp(kind);
  const [form] = (await unreadForms(kind)).filter(({ path }) => path.length > 0 && path[0] !== "id");
  if (!form) throw new Error("there is no such form");
  const [started] = trailOf(world.files);
  const argv = `rollback --run ${started?.runId ?? ""} --force --allow-deletes --output json`;
  const { status, out } = await runWorld({ argv, from: copyOf(world), intercept: asOddly(kind, form) });
  expect(status).toBe(1);
  expect(told(out).diagnostics.filter(({ severity }) => severity === "error")).toMatchObject([
    { code: "resource/unread" },
  ]);
});

test.each(kinds)(
  "what a saved plan was made from, and cannot be read any more, is not called gone",
  async (kind) => {
    const world = await setUp(kind);
    world.files.set(
      "subscriptions/alpha.yaml",
      manifest("alpha", { kind, eventTypes: kind.eventTypes.slice(1) }),
    );
    const forms = await unreadForms(kind);
    const form = forms.find(({ path }) => path.length > 0 && path[0] !== "id");
    if (!form) throw new Error("there is no such form");
    await runWorld({ argv: "plan --out plan.json", from: world });
    const {
      status,
      err,
      out,
      world: after,
    } = await runWorld({
      ...{ argv: "apply plan.json", from: copyOf(world), intercept: asOddly(kind, form) },
    });
    expect(status).toBe(1);
    expect(`${out}${err}`).toContain("cannot be read any more");
    expect(`${out}${err}`).not.toContain("is gone");
    expect(methodsOf(after)).toEqual([]);
  },
);

test.each(kinds)("import refuses only the group of one of our $nouns that cannot be read", async (kind) => {
  const world = await setUp(kind);
  await runWorld({ argv: "sync", from: world });
  const form = (await unreadForms(kind)).find(({ path }) => path.length > 0 && path[0] !== "id");
  if (!form) throw new Error("there is no such form");
  for (const group of ["alpha", "beta"]) world.files.take(`subscriptions/${group}.yaml`);
  const { out } = await runWorld({ argv: "import", from: world, intercept: asOddly(kind, form) });
  expect(world.files.paths()).toContain("/subscriptions/beta.yaml");
  expect(world.files.paths()).not.toContain("/subscriptions/alpha.yaml");
  expect(out).toContain("cannot be read");
});
