// Where paths lead: those of the config from its folder on, those of flags from the working directory on.
import { describe, expect, test } from "vitest";
import { seeWorld } from "../support/see.ts";
import { manifest, runWorld } from "../support/world.ts";
import { started, trailOf } from "./trails.ts";

const config = (more: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${more}\n`;
const trail = trailOf([started("first")]);

test("a path that the config states is relative to the config's folder", async () => {
  const files = {
    "envs/prod/reconcile.yaml": config(
      "manifests: ../../subscriptions\ncatalog: topics.txt\naudit: { file: logs/trail.log }",
    ),
    "envs/prod/topics.txt": "a.created\na.ended\n",
    "subscriptions/alpha.yaml": manifest("alpha"),
  };
  const { status, world } = await runWorld({ argv: "--config envs/prod/reconcile.yaml", files });
  expect(status).toBe(0);
  expect(world.state.webhooks.size).toBe(1);
  expect(world.files.paths()).toContain("/envs/prod/logs/trail.log");
  expect(world.files.paths()).toContain("/.reconcile/metrics.json");
  const head = await runWorld({ argv: "audit head --config envs/prod/reconcile.yaml", from: world });
  expect(head.status).toBe(0);
});

test("what the config does not state, and what a flag names, lies below the working directory", async () => {
  const files = {
    "envs/prod.yaml": config("owner: mine"),
    "subscriptions/alpha.yaml": manifest("alpha"),
    "other/beta.yaml": manifest("beta"),
  };
  const { world } = await runWorld({ argv: "--config envs/prod.yaml", files });
  expect(world.files.paths()).toContain("/audit-logs/subscription_audit.log");
  const named = await seeWorld({ argv: "plan --config envs/prod.yaml --manifests other", files });
  expect(named.result.groups.map(({ group }) => group)).toEqual(["beta"]);
});

test("of two owners that share a folder and a trail, neither is told of another machine's run", async () => {
  const files = {
    "envs/dev.yaml": config("owner: dev\nmanifests: ../dev"),
    "envs/prod.yaml": config("owner: prod\nmanifests: ../prod"),
    "dev/alpha.yaml": manifest("alpha"),
    "prod/beta.yaml": manifest("beta"),
  };
  const { world } = await runWorld({ argv: "--config envs/dev.yaml", files });
  await runWorld({ argv: "--config envs/prod.yaml", from: world });
  for (const argv of ["status", "plan"]) {
    const { status, err } = await runWorld({ argv: `${argv} --config envs/dev.yaml`, from: world });
    expect([argv, status, err]).toEqual([argv, 0, ""]);
  }
});

test("`--base` reads them from the same place in the base revision", async () => {
  const files = {
    "envs/prod.yaml": config("manifests: prod"),
    "envs/prod/alpha.yaml": manifest("alpha"),
  };
  const { result } = await seeWorld({
    ...{ argv: "plan --config envs/prod.yaml --base main", files, revisions: { main: files } },
  });
  expect(result.operations.map(({ origin }) => origin)).toEqual(["pending"]);
});

describe("a path that meant something else before is an error, with the line to write:", () => {
  test.each([
    [
      "manifests below the working directory alone",
      "manifests: subs",
      { "subs/a.yaml": manifest("alpha") },
      "manifests/moved",
      "manifests: subs is envs/prod/subs, beside the config, where no manifests are; they are in subs, below the working directory",
      "write `manifests: ../../subs`: a path in the config is relative to the config's folder",
    ],
    [
      "manifests in both places",
      "manifests: subs",
      { "subs/a.yaml": manifest("alpha"), "envs/prod/subs/b.yaml": manifest("beta") },
      "manifests/moved",
      "manifests: subs is envs/prod/subs, beside the config, but there are manifests in subs, below the working directory, too",
      "write `manifests: ../prod/subs` for those beside the config, or `manifests: ../../subs` for the others: a path in the config is relative to the config's folder",
    ],
    [
      "a trail below the working directory alone",
      "audit: { file: logs/t.log }",
      { "logs/t.log": trail },
      "audit/moved",
      "audit.file: logs/t.log is envs/prod/logs/t.log, beside the config, where no trail is; it is in logs/t.log, below the working directory",
      "write `audit: { file: ../../logs/t.log }`: a path in the config is relative to the config's folder",
    ],
    [
      "a catalogue below the working directory alone",
      "catalog: topics.txt",
      { "topics.txt": "a.created\n" },
      "catalog/moved",
      "catalog: topics.txt is envs/prod/topics.txt, beside the config, where no catalogue is; it is in topics.txt, below the working directory",
      "write `catalog: ../../topics.txt`: a path in the config is relative to the config's folder",
    ],
  ])("%s", async (_, line, more, code, message, hint) => {
    const files = {
      "envs/prod/reconcile.yaml": config(line),
      "subscriptions/main.yaml": manifest("main"),
      ...more,
    };
    for (const command of ["plan", "sync", "validate"]) {
      const argv = `${command} --config envs/prod/reconcile.yaml`;
      const { status, result, world } = await seeWorld({ argv, files });
      expect([status, world.requests]).toEqual([1, []]);
      expect(result.diagnostics).toEqual([
        expect.objectContaining({ code, message, hint, file: "envs/prod/reconcile.yaml", line: 3 }),
      ]);
    }
  });

  test("and each line that it names is one that holds", async () => {
    const both = { "subs/a.yaml": manifest("alpha"), "envs/prod/subs/b.yaml": manifest("beta") };
    for (const [line, group] of [
      ["../../subs", "alpha"],
      ["../prod/subs", "beta"],
    ]) {
      const files = { ...both, "envs/prod/reconcile.yaml": config(`manifests: ${line ?? ""}`) };
      const { result } = await seeWorld({ argv: "plan --config envs/prod/reconcile.yaml", files });
      expect(result.groups.map((one) => one.group)).toEqual([group]);
    }
  });

  test("also when a command reads the trail alone", async () => {
    const files = { "envs/r.yaml": config("audit: { file: logs/t.log }"), "logs/t.log": trail };
    for (const command of ["audit log", "audit verify", "audit head", "status"]) {
      const { status, out, err } = await runWorld({ argv: `${command} --config envs/r.yaml`, files });
      expect([command, status]).toEqual([command, 1]);
      expect(`${out}${err}`).toContain("audit.file: logs/t.log is envs/logs/t.log, beside the config");
    }
  });

  test("but not where a flag names the folder, nor for the sandbox's trail, nor for whole paths", async () => {
    const files = {
      "envs/r.yaml": config("audit: { file: logs/t.log }"),
      ...{ "logs/t.log": trail, "subs/a.yaml": manifest("alpha"), "envs/subs/b.yaml": manifest("beta") },
    };
    expect((await runWorld({ argv: "status --sandbox --config envs/r.yaml", files })).status).toBe(0);
    const whole = { ...files, "envs/r.yaml": config("manifests: /envs/subs") };
    const { result } = await seeWorld({ argv: "plan --config envs/r.yaml", files: whole });
    expect([result.ok, result.groups.map(({ group }) => group)]).toEqual([true, ["beta"]]);
    const stated = { ...files, "envs/r.yaml": config("manifests: subs") };
    const named = await seeWorld({ argv: "plan --config envs/r.yaml --manifests subs", files: stated });
    expect(named.result.ok).toBe(true);
  });
});
