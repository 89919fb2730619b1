// A trail moved through the real stores: files → postgres → git → files is byte for byte the same.
import { expect, test } from "vitest";
import type { SharedStore } from "../../src/state/shared-store.ts";
import { makeGitWorld } from "../state/git/git-world.ts";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { makePostgresWorld, whyWithoutServer, withoutServer } from "../state/postgres/world.ts";
import { manifest, runWorld, trailPath } from "../support/world.ts";

const organization = "3b8a1f0e-6d1c-4a52-9f6e-0c2d7e5a4b19";
const configOf = (store: string) =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\norganization: ${organization}\nstate: { store: ${store} }\n`;

test(`files, postgres, git and files again${whyWithoutServer}`, { timeout: 120_000 }, async () => {
  const files = { "reconcile.yaml": configOf("files"), "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "", files, organisation: { id: organization, name: "Acme" } });
  for (const group of ["beta", "gamma"]) {
    await world.clock.sleep(1_000);
    await runWorld({ argv: "audit rotate", from: world });
    world.files.set(`subscriptions/${group}.yaml`, manifest(group));
    await runWorld({ argv: "", from: world });
  }
  const texts = () =>
    world.files
      .paths()
      .filter((path) => path.startsWith(`/${trailPath}`) && !path.includes(".lock"))
      .map((path) => [path, world.files.text(path)] as const);
  const before = texts();
  expect(before).toHaveLength(3);

  const postgres = withoutServer ? null : await makePostgresWorld();
  const git = makeGitWorld();
  const open: Readonly<Record<string, () => Promise<SharedStore>>> = {
    postgres: () => postgres?.open() ?? Promise.resolve(memory),
    git: () => git.open({ machine: "one" }),
  };
  const memory = makeMemoryStore(world.clock);
  const move = async (from: string, to: string) => {
    world.files.set("reconcile.yaml", configOf(from));
    const openStore = ({ state }: { state: { store: string } }) =>
      (open[state.store] ?? open["git"])?.() as never;
    return runWorld({ argv: `state move --to ${to}`, from: world, openStore });
  };
  try {
    expect(await move("files", "postgres")).toMatchObject({ status: 0, err: "" });
    expect(await move("postgres", "git")).toMatchObject({ status: 0, err: "" });
    for (const [path] of before) world.files.take(path);
    expect(await move("git", "files")).toMatchObject({ status: 0, err: "" });
    expect(texts()).toEqual(before);
  } finally {
    await git.close();
    await postgres?.close();
  }
});
