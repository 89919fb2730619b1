// Which `state` counts: on a pull request, that of the base revision.
import { describe, expect, test } from "vitest";
import { findState } from "../../src/app/find-state.ts";
import type { World } from "../../src/app/world.ts";
import type { Revision } from "../../src/git/revision-files.ts";
import { makeConfig } from "../../src/manifest/config.ts";
import type { Config } from "../../src/model/config.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { failureOf } from "../genesys/fake-send.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";

const head = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
const ofGit = `${head}state: { store: git, git: { remote: trails } }\n`;
const ofPostgres = `${head}state: { store: postgres }\n`;
const onPull = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_BASE_REF: "main" };
const shallow = new ReconcileError(
  "base/unknown",
  'this clone does not hold the revision "refs/remotes/origin/main", because it is shallow',
  { hint: "check out with fetch-depth: 0" },
);

function configOf(text: string, file = "reconcile.yaml"): Config {
  const config = makeConfig(text, file);
  if (!config.ok) throw new Error("a test's config is valid");
  return config.value;
}

/** `base` holds the files of the base revision by path, or is the reason why it cannot be opened. */
async function storeOf(
  config: Config,
  given: {
    readonly base?: Readonly<Record<string, string>> | ReconcileError;
    readonly environment?: World["environment"];
    readonly folder?: string;
  },
) {
  const opened: string[] = [];
  const { base = new ReconcileError("base/noRepository", "no") } = given;
  const state = await findState(config, {
    environment: given.environment ?? onPull,
    repository: () =>
      Promise.resolve({ name: "a", branch: "main", folder: given.folder ?? "", hasOrigin: true }),
    openRevision: (ref) => {
      opened.push(ref);
      if (base instanceof ReconcileError) return Promise.reject(base);
      const files = makeMemoryFiles(base);
      return Promise.resolve({ commit: "c", files, openCommit: () => files } as unknown as Revision);
    },
  });
  return { store: state.store, opened };
}

test("outside of a pull request, the config's own counts, and no revision is opened", async () => {
  for (const environment of [{}, { ...onPull, GITHUB_EVENT_NAME: "push", GITHUB_BASE_REF: "" }])
    expect(await storeOf(configOf(ofGit), { environment })).toEqual({ store: "git", opened: [] });
});

describe("on a pull request", () => {
  test("that of the base counts, whatever the pull request says", async () => {
    const base = { "reconcile.yaml": ofPostgres };
    for (const own of [ofGit, head, ofPostgres])
      expect(await storeOf(configOf(own), { base })).toEqual({
        store: "postgres",
        opened: ["refs/remotes/origin/main"],
      });
    expect((await storeOf(configOf(ofGit), { base: { "reconcile.yaml": head } })).store).toBe("files");
  });

  test("a config that is new there counts as one without the key", async () => {
    expect((await storeOf(configOf(ofGit), { base: { "README.md": "" } })).store).toBe("files");
  });

  test("a config in another folder is read in the same place", async () => {
    const base = { "ops/reconcile.yaml": ofGit, "reconcile.yaml": ofPostgres };
    expect((await storeOf(configOf(head, "ops/reconcile.yaml"), { base })).store).toBe("git");
  });

  test("a config outside of the repository is no part of it", async () => {
    const outside = configOf(ofPostgres, "/etc/reconcile/reconcile.yaml");
    expect(await storeOf(outside, {})).toEqual({ store: "postgres", opened: [] });
    const above = configOf(ofGit, "../reconcile.yaml");
    expect(await storeOf(above, {})).toEqual({ store: "git", opened: [] });
    expect(await storeOf(above, { folder: "telephony", base: { "/reconcile.yaml": head } })).toMatchObject({
      opened: ["refs/remotes/origin/main"],
    });
  });

  test("a base that is not at hand is an error where the config names a store, with the way out", async () => {
    const failure = await failureOf(storeOf(configOf(ofGit), { base: shallow }));
    expect(failure).toMatchObject({ code: "base/unknown", hint: "check out with fetch-depth: 0" });
    expect(failure.message).toBe(
      "on a pull request, the config of the base revision says where the state is kept, but this clone does not " +
        'hold the revision "refs/remotes/origin/main", because it is shallow',
    );
    const gone = await failureOf(storeOf(configOf(`${head}state: { store: files }\n`), {}));
    expect(gone.message).toContain("there is no Git repository here");
  });

  test("without the key, such a base changes nothing", async () => {
    expect((await storeOf(configOf(head), { base: shallow })).store).toBe("files");
    const tooOld = new ReconcileError("git/tooOld", "Git 1 is too old");
    expect((await failureOf(storeOf(configOf(head), { base: tooOld }))).code).toBe("git/tooOld");
  });

  test("a base whose config is not valid is an error", async () => {
    const base = { "reconcile.yaml": `${head}state: { store: s3 }\n` };
    expect(await failureOf(storeOf(configOf(ofGit), { base }))).toMatchObject({
      code: "state/baseInvalid",
      hint: "correct reconcile.yaml on the branch that this pull request goes to",
    });
  });
});
