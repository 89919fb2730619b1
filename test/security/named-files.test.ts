// Files that a config, a link or a repository names: none is written to or shown that is not reconcile's.
import { expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeEntry, makeTrail } from "../audit/samples.ts";
import { seeWorld } from "../support/see.ts";
import {
  headPath,
  loggedIn,
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  trailPath,
  type TestWorld,
} from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const config = (lines: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${lines}\n`;
const trailAt = (path: string) => ({ "reconcile.yaml": config(`audit: { file: "${path}" }`) });

/** A world whose working directory is not the root of its disk: everything else on it lies outside. */
function inFolder(world: TestWorld, folder: string): TestWorld {
  const below = (path: string): string => (path.startsWith("/") ? path : `${folder}/${path}`);
  const inside = Object.fromEntries(
    Object.entries(world.files).map(([name, call]) => [
      name,
      (path: unknown, ...more: readonly unknown[]) =>
        (call as (...given: readonly unknown[]) => unknown)(
          typeof path === "string" ? below(path) : path,
          ...more,
        ),
    ]),
  );
  return { ...world, files: inside as unknown as TestWorld["files"] };
}

function makeWork(
  given: Readonly<Record<string, string>>,
  link: readonly (readonly [string, string])[] = [],
) {
  const from = makeWorld({ argv: "", files: given });
  for (const [path, target] of link) from.files.link(path, target);
  return { disk: from.files, from: inFolder(from, "/home/work") };
}

/** The embedded platform listens on a real port. */
const overLoopback = { environment: {}, send: makeSend() };

const precious = [
  ["a README", "README.md", "# Title\n\nText\n"],
  ["an .env", ".env", "GENESYS_CLIENT_ID=id\nX=1"],
  ["authorized_keys", "keys/authorized_keys", "ssh-ed25519 AAAA me\n"],
  ["a manifest", "subscriptions/a.yaml", manifest("alpha")],
  ["a text with a forged record as its first line", "notes.txt", '{"seq":1,"hash":"x"}\nnotes\n'],
] as const;

test.each(precious)("audit.file empties no file: %s", async (_, path, text) => {
  const { status, codes, world } = await seeWorld({
    argv: "",
    files: { ...files, [path]: text, ...trailAt(path) },
  });
  expect([status, codes]).toEqual([1, ["audit/notATrail"]]);
  expect([world.files.text(path), world.state.webhooks.size]).toEqual([text, 0]);
});

test.each(["", "--sandbox"])("a link in the trail's place empties no file (sync %s)", async (flag) => {
  const from = makeWorld({ argv: "", files: { ...files, "README.md": "# Title\n", empty: "" } });
  const path = flag === "" ? trailPath : ".reconcile/sandbox-audit.log";
  for (const target of ["README.md", "empty", "nowhere"]) {
    from.files.link(path, `/${target}`);
    const { status, codes } = await seeWorld({ argv: flag, from, ...(flag === "" ? {} : overLoopback) });
    expect([status, codes]).toEqual([1, [flag === "" ? "audit/throughLink" : "audit/unwritable"]]);
    from.files.take(path);
  }
  expect([from.files.text("README.md"), from.files.text("empty")]).toEqual(["# Title\n", ""]);
  expect(from.files.paths()).not.toContain("/nowhere");
});

test.each([
  "lock.1",
  "lease.7",
  "metrics.json",
  "head.json",
  "checkpoint.json",
  "sandbox-audit.log",
  "git/config",
])("a trail takes the name of no other file of the state directory: %s", async (name) => {
  const path = `.reconcile/${name}`;
  const { status, codes, world } = await seeWorld({ argv: "", files: { ...files, ...trailAt(path) } });
  expect([status, codes, world.state.webhooks.size]).toEqual([1, ["audit/inState"], 0]);
});

test.each([".git/hooks/post-checkout", ".GIT/config", "inner/.git/HEAD"])(
  "a trail is no file of Git: %s",
  async (path) => {
    const { status, codes, world } = await seeWorld({ argv: "", files: { ...files, ...trailAt(path) } });
    expect([status, codes, world.state.webhooks.size]).toEqual([1, ["audit/inGit"], 0]);
  },
);

test("a trail of its own in the state directory is fine", async () => {
  const { status } = await seeWorld({ argv: "", files: { ...files, ...trailAt(".reconcile/audit.log") } });
  expect(status).toBe(0);
});

test("a trail is written through no link among its folders, and the link is named", async () => {
  const { disk, from } = makeWork(
    { "/home/work/subscriptions/a.yaml": manifest("alpha"), "/home/other/x": "" },
    [["/home/work/audit-logs", "../other"]],
  );
  const { status, result } = await seeWorld({ argv: "", from });
  expect(status).toBe(1);
  expect(result.diagnostics).toMatchObject([
    {
      code: "audit/throughLink",
      message: `the way to the audit trail "${trailPath}" leads through the link audit-logs`,
    },
  ]);
  expect(disk.paths()).not.toContain("/home/other/subscription_audit.log");
});

const ofState = ["head.json", "metrics.json", "lock.1", "lock.3", "lease.1", "sandbox-audit.log", "git/x"];

test.each([...ofState.map((name) => `.reconcile/${name}`), "t.log.lock.2"])(
  "a trail has no name that a pass writes or removes for itself: %s",
  async (path) => {
    const from = makeWorld({ argv: "", files: { ...files, ...trailAt(path) } });
    const before = from.files.paths();
    const { status, result } = await seeWorld({ argv: "", from });
    expect([status, result.diagnostics.map(({ code }) => code)]).toEqual([1, ["audit/inState"]]);
    expect(from.files.paths()).toEqual(before);
  },
);

const outside = ["/etc/trail.log", "../trail.log", "/home/work-2/trail.log", "audit/../../trail.log", "."];

test.each(outside)(
  "a trail outside of the config's folder and the working directory is refused: %s",
  async (path) => {
    const { disk, from } = makeWork({
      "/home/work/subscriptions/a.yaml": manifest("alpha"),
      "/home/work/reconcile.yaml": trailAt(path)["reconcile.yaml"],
    });
    const before = disk.paths();
    for (const argv of ["", "plan", "validate"]) {
      const { status, result } = await seeWorld({ argv, from });
      expect([status, result.diagnostics]).toMatchObject([
        1,
        [{ code: "audit/outside", file: "reconcile.yaml", line: 3 }],
      ]);
    }
    expect(disk.paths()).toEqual(before);
  },
);

test("a trail below the config's folder is written from another working directory, also by its whole path", async () => {
  for (const path of ["/home/conf/logs/trail.log", "../conf/logs/trail.log"]) {
    const { disk, from } = makeWork({
      "/home/work/subscriptions/a.yaml": manifest("alpha"),
      "/home/conf/reconcile.yaml": trailAt(path)["reconcile.yaml"],
    });
    const { status } = await seeWorld({ argv: "--config ../conf/reconcile.yaml", from });
    expect([status, trailOf(disk, "home/conf/logs/trail.log").length]).toEqual([0, 4]);
  }
});

test("a folder that looks like a trail's way back is not followed through a link", async () => {
  const { disk, from } = makeWork(
    {
      "/home/work/subscriptions/a.yaml": manifest("alpha"),
      "/home/work/reconcile.yaml": trailAt("out/../trail.log")["reconcile.yaml"],
      "/home/other/deep/x": "",
    },
    [["/home/work/out", "../other/deep"]],
  );
  expect((await seeWorld({ argv: "", from })).status).toBe(0);
  expect(trailOf(disk, "home/work/trail.log")).toHaveLength(4);
});

test.each([
  ["subscriptions", ""],
  ["the folder that the config names", "manifests: declared"],
])("%s as a link out of the tree is refused, and followed when it is a flag's", async (_, line) => {
  const name = line === "" ? "subscriptions" : "declared";
  const { from } = makeWork(
    { "/home/work/reconcile.yaml": config(line), "/git/current/a.yaml": manifest("alpha") },
    [[`/home/work/${name}`, "/git/current"]],
  );
  for (const argv of ["plan", "validate", "import --dry-run"]) {
    const { status, out } = await runWorld({ argv: `${argv} --output json`, from });
    const { diagnostics } = JSON.parse(out) as { diagnostics: { code: string }[] };
    expect([argv, status, diagnostics.map(({ code }) => code)]).toEqual([argv, 1, ["manifests/outside"]]);
  }
  expect((await runWorld({ argv: `validate ${name}`, from })).status).toBe(0);
  const { result } = await seeWorld({ argv: `plan --manifests ${name}`, from });
  expect(result.summary.create).toBe(1);
});

test("a link within the Git work tree is followed, also above the config's folder", async () => {
  const { from } = makeWork(
    { "/home/shared/a.yaml": manifest("alpha"), "/home/.git/HEAD": "ref: refs/heads/main\n" },
    [["/home/work/subscriptions", "../shared"]],
  );
  expect((await seeWorld({ argv: "plan", from })).status).toBe(0);
});

test("a catalogue that the config names leads out of the tree neither to be read nor to be written", async () => {
  const { disk, from } = makeWork(
    {
      "/home/work/subscriptions/a.yaml": manifest("alpha"),
      "/home/work/reconcile.yaml": config("catalog: types.txt"),
      "/home/other/types.txt": "a.created\na.ended\n",
    },
    [["/home/work/types.txt", "../other/types.txt"]],
  );
  for (const argv of ["plan", "validate", "catalog pull"]) {
    const { status, out } = await runWorld({ argv: `${argv} --output json`, from });
    const { diagnostics } = JSON.parse(out) as { diagnostics: unknown[] };
    expect([argv, status, diagnostics]).toMatchObject([argv, 1, [{ code: "catalog/outside", line: 3 }]]);
  }
  expect(disk.text("/home/other/types.txt")).toBe("a.created\na.ended\n");
});

test("what is kept in .reconcile/ replaces a link, and leaves alone what it names", async () => {
  const from = makeWorld({ argv: "", files: { ...files, "README.md": "# Title\n", other: "precious" } });
  for (const name of [
    "metrics.json",
    "metrics.json.corrupt",
    "sandbox.json.corrupt",
    "sandbox-metrics.json",
  ])
    from.files.link(`.reconcile/${name}`, "../README.md");
  from.files.link(".reconcile/sandbox.json", "../other");
  expect((await runWorld({ argv: "", from })).status).toBe(0);
  expect((await runWorld({ argv: "--sandbox", from, ...overLoopback })).status).toBe(0);
  expect([from.files.text("README.md"), from.files.text("other")]).toEqual(["# Title\n", "precious"]);
  expect(await from.files.entryKind(".reconcile/metrics.json")).toBe("file");
  expect(await from.files.entryKind(".reconcile/sandbox.json")).toBe("file");
});

const giant = "x".repeat(1024 * 1024 + 1);

test.each([
  ["a pipe", null, "it is neither a file nor a link to one, but a pipe, a socket or a device"],
  ["a giant file", giant, "it is larger than 1 MiB"],
])(".env that is %s ends with a message", async (_, text, why) => {
  const from = makeWorld({ argv: "", files });
  if (text === null) from.files.makeOther(".env");
  else from.files.set(".env", text);
  const { status, err } = await runWorld({ argv: "plan", from });
  expect([status, err.split("\n")[0]]).toEqual([1, `error: .env cannot be read (${why}) [env/unreadable]`]);
});

test(".env may be a link to a file", async () => {
  const dotenv = Object.entries(loggedIn)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
  const from = makeWorld({
    argv: "",
    files: { ...files, "secrets/env": dotenv },
  });
  from.files.link(".env", "secrets/env");
  expect((await runWorld({ argv: "plan", environment: {}, from })).status).toBe(0);
});

const pipes = [
  ["reconcile.yaml", "plan", "config/unreadable"],
  ["plan.json", "apply plan.json", "plan/malformed"],
  [".reconcile/lock.7", "sync", "state/notALock"],
  [trailPath, "plan", "audit/unreadable"],
] as const;

test.each(pipes)("a pipe in the place of %s ends with a message", async (path, argv, code) => {
  const from = makeWorld({ argv: "", files });
  from.files.makeOther(path);
  const { status, codes } = await seeWorld({ argv, from });
  expect([status, codes]).toEqual([1, [code]]);
});

test("a link to a pipe in the place of a manifest ends with a message", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.makeOther("/subscriptions/pipe");
  from.files.link("/subscriptions/b.yaml", "pipe");
  const { status, codes } = await seeWorld({ argv: "plan", from });
  expect([status, codes]).toEqual([1, ["link/notYaml"]]);
  from.files.makeOther("/subscriptions/pipe.yaml");
  from.files.take("/subscriptions/b.yaml");
  from.files.link("/subscriptions/b.yaml", "pipe.yaml");
  expect((await seeWorld({ argv: "plan", from })).codes).toEqual(["file/unreadable"]);
});

test("a pipe in the place of the sandbox's state ends with a message", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.makeOther(".reconcile/sandbox.json");
  const { status, err } = await runWorld({ argv: "plan --sandbox", from, ...overLoopback });
  expect([status, err.split("\n")[0]]).toEqual([
    1,
    "error: .reconcile/sandbox.json cannot be used: it is neither a file nor a folder, but a pipe, a socket or a device [sandbox/unavailable]",
  ]);
});

test("status says what only has the name of a lock", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.makeOther(".reconcile/lock.7");
  const { status, err } = await runWorld({ argv: "status", from });
  expect([status, err]).toEqual([
    1,
    "error: .reconcile/lock.7 has the name of a lock, and is none: it is neither a file nor a folder [state/notALock]\n" +
      "  = make sure that no pass runs here, and remove it\n",
  ]);
});

test("a pipe in the place of the figures is said, and the pass goes on without them", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.makeOther(".reconcile/metrics.json");
  const { status, warnings } = await seeWorld({ argv: "", from });
  expect([status, warnings]).toEqual([0, ["state/unwritable"]]);
});

test("a plan is not saved over a device or a pipe", async () => {
  const from = makeWorld({ argv: "", files });
  from.files.makeOther("/dev/null");
  const { status, codes } = await seeWorld({ argv: "plan --out /dev/null", from });
  expect([status, codes]).toEqual([1, ["plan/unwritable"]]);
  expect(await from.files.entryKind("/dev/null")).toBe("other");
});

test("a plan is saved over nothing but a plan, an empty file or none, through a link as well", async () => {
  const from = makeWorld({ argv: "", files: { ...files, ".env": "A=1\n", "empty.json": "" } });
  await seeWorld({ argv: "", from });
  const [trail, saved] = [from.files.text(trailPath), "plan.json"];
  for (const target of [trailPath, ".env", headPath, Object.keys(files)[0] ?? ""]) {
    const before = from.files.text(target);
    const { status, result } = await seeWorld({ argv: `plan --out ${target}`, from });
    expect([target, status, result.diagnostics.map(({ code }) => code)]).toEqual([
      target,
      1,
      ["plan/unwritable"],
    ]);
    expect(result.diagnostics[0]?.message).toContain("it holds something else than a saved plan");
    expect(from.files.text(target)).toBe(before);
  }
  for (const target of [saved, saved, "empty.json"])
    expect((await seeWorld({ argv: `plan --out ${target}`, from })).status).toBe(0);
  expect(from.files.text(trailPath)).toBe(trail);
});

test("init writes through no link that leads out of the repository, and nothing at all then", async () => {
  for (const link of [".github", ".gitignore", "subscriptions", "reconcile.yaml"]) {
    const { disk, from } = makeWork({ "/home/other/x": "secret\n" }, [
      [`/home/work/${link}`, link.includes("ig") || link.includes("yaml") ? "../other/x" : "../other"],
    ]);
    const { status, err } = await runWorld({ argv: "init --owner me", from });
    expect([link, status]).toEqual([link, 1]);
    expect(err).toContain(`error: ${link} leads out of this folder and of the Git work tree around it`);
    expect([disk.paths(), disk.text("/home/other/x")]).toEqual([["/home/other/x"], "secret\n"]);
  }
});

test("doctor says of a trail that lies outside what a pass says, and touches no file that is none", async () => {
  const from = makeWorld({
    argv: "",
    files: { ...files, "README.md": "# Title\n", ...trailAt("README.md") },
  });
  from.files.set("README.md", "# Title\n", 0o644);
  await runWorld({ argv: "doctor", from });
  expect([from.files.text("README.md"), from.files.mode("README.md")]).toEqual(["# Title\n", 0o644]);
});

test("a trail of ours is continued wherever the config puts it within the tree", async () => {
  const text = await makeTrail([makeEntry()]);
  const { status, world } = await seeWorld({
    argv: "",
    files: { ...files, "logs/t.log": text, ...trailAt("logs/t.log") },
  });
  expect([status, trailOf(world.files, "logs/t.log").length > 1]).toEqual([0, true]);
});
