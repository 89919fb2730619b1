// `--git`: a damaged folder is fetched anew, and still knows which commit was applied last. Real repositories on this disk.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchRevision, type FolderMemory } from "../../src/git/git-source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { makeOrigin } from "./origin.ts";

let root = "";
const origin = (): string => join(root, "origin");
const { init, git, commit } = makeOrigin(origin);
const kept = (...path: readonly string[]): string => join(root, "kept/git", ...path);

let memory: FolderMemory = { rebuiltMs: null, damage: null };
let rebuilt: string[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "kept-folder-"));
  init();
  commit("one");
  commit("two");
  restart();
  await read();
  expect(rebuilt).toEqual([]);
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function restart(): void {
  memory = { rebuiltMs: null, damage: null };
  rebuilt = [];
}

async function read(): Promise<string> {
  const keeping = { memory, onRebuild: (damage: string) => rebuilt.push(damage) };
  const revision = await fetchRevision(
    { url: origin(), ref: "main" },
    { directory: kept(), clock: systemClock, ...keeping },
  );
  return new TextDecoder().decode(await revision.files.read("subscriptions/alpha.yaml", 1024));
}

function objects(): readonly string[] {
  const names = readdirSync(kept("objects"), { recursive: true, encoding: "utf8" });
  return names.map((name) => kept("objects", name)).filter((path) => statSync(path).isFile());
}

function pack(): void {
  execFileSync("git", ["--git-dir", kept(), "gc", "--quiet"]);
}

/** As a power cut leaves a file that was not written to the disk yet. */
function blank(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(41));
}

function spoil(path: string): void {
  chmodSync(path, 0o600);
  truncateSync(path, Math.floor(statSync(path).size / 2));
}

const damages: Readonly<Record<string, () => void>> = {
  ...Object.fromEntries(
    ["shallow", "packed-refs", "config", "refs/reconcile/fetched", "refs/reconcile/followed"].map(
      (name) => [
        `${name}.lock of a Git that was killed`,
        () => {
          writeFileSync(kept(`${name}.lock`), "");
        },
      ],
    ),
  ),
  "an empty reference": () => {
    writeFileSync(kept("refs/reconcile/fetched"), "");
  },
  "a reference of zeros": () => {
    blank(kept("refs/reconcile/fetched"));
  },
  "a reference of zeros to the commit applied last": () => {
    blank(kept("refs/reconcile/followed"));
  },
  "an empty HEAD": () => {
    writeFileSync(kept("HEAD"), "");
  },
  "no references": () => {
    rmSync(kept("refs"), { recursive: true });
  },
  "packed references that are none": () => {
    pack();
    blank(kept("packed-refs"));
  },
  "no objects": () => {
    rmSync(kept("objects"), { recursive: true });
  },
  "empty objects": () => {
    for (const path of objects()) {
      chmodSync(path, 0o600);
      truncateSync(path);
    }
  },
  "half objects": () => {
    objects().forEach(spoil);
  },
  "half a pack": () => {
    pack();
    objects()
      .filter((path) => path.endsWith(".pack"))
      .forEach(spoil);
  },
  "half an index of a pack": () => {
    pack();
    objects()
      .filter((path) => path.endsWith(".idx"))
      .forEach(spoil);
  },
  "half a config": () => {
    writeFileSync(kept("config"), "[core]\n\trepositoryformatv");
  },
  "a config that is a folder": () => {
    rmSync(kept("config"));
    mkdirSync(kept("config/x"), { recursive: true });
  },
  "zeros for a list of shallow commits": () => {
    blank(kept("shallow"));
  },
  "nothing but the name of the commit": () => {
    for (const name of readdirSync(kept()))
      if (!name.startsWith("reconcile")) rmSync(kept(name), { recursive: true });
  },
};

/** Real repositories take a second each, so `npm test` meets every sixth sort of damage, and `npm run attack` all. */
const isLong = process.env["ATTACK"] === "long";
const tried = Object.entries(damages).filter((_, index) => isLong || index % 6 === 0);

test.each(tried)(
  "with %s, a rewritten branch is refused as before, and the newest commit read, after a restart too",
  async (_what, damage) => {
    const applied = git("rev-parse", "HEAD");
    damage();
    restart();
    git("reset", "--quiet", "--hard", "HEAD~1");
    commit("instead");
    for (let pass = 0; pass < 2; pass += 1)
      await expect(read()).rejects.toMatchObject({ code: "git/rewritten" });
    git("reset", "--quiet", "--hard", applied);
    for (const text of ["three", "four"]) {
      commit(text);
      expect(await read()).toBe(text);
    }
    expect(rebuilt.length).toBeLessThanOrEqual(1);
  },
);

test("the damage is told in Git's words, or by the lock's name", async () => {
  writeFileSync(kept("refs/reconcile/fetched.lock"), "");
  commit("three");
  await read();
  expect(rebuilt).toEqual(["refs/reconcile/fetched.lock is left over from a Git that was killed"]);
  restart();
  blank(kept("refs/reconcile/fetched"));
  await read();
  expect(rebuilt).toEqual([expect.stringMatching(/^(error|fatal): .*refs\/reconcile\/fetched/)]);
});

test("a file that cannot be read fails one pass, and the next one fetches it anew", async () => {
  commit("three");
  await read();
  const blob = git("rev-parse", "HEAD:subscriptions/alpha.yaml");
  spoil(kept("objects", blob.slice(0, 2), blob.slice(2)));
  await expect(read()).rejects.toMatchObject({ code: "base/unreadable" });
  expect(await read()).toBe("three");
  expect(rebuilt).toHaveLength(1);
});

describe("the folder stays as it is", () => {
  const mark = (): string => kept("mark");
  beforeEach(() => {
    writeFileSync(mark(), "");
  });
  afterEach(() => {
    expect([rebuilt, existsSync(mark())]).toEqual([[], true]);
  });

  test("while the remote is away", async () => {
    rmSync(origin(), { recursive: true });
    for (let pass = 0; pass < 3; pass += 1)
      await expect(read()).rejects.toMatchObject({ code: "git/unreachable" });
  });

  test("while the remote lacks the branch, or is damaged itself", async () => {
    git("branch", "--quiet", "--move", "other");
    await expect(read()).rejects.toMatchObject({ code: "git/unreachable" });
    git("branch", "--quiet", "--move", "main");
    const three = commit("three");
    rmSync(join(origin(), ".git/objects", three.slice(0, 2), three.slice(2)));
    await expect(read()).rejects.toMatchObject({ code: "git/unreachable" });
  });

  test("when the branch was rewritten", async () => {
    git("reset", "--quiet", "--hard", "HEAD~1");
    commit("instead");
    await expect(read()).rejects.toMatchObject({ code: "git/rewritten" });
  });

  test("when it was made anew a moment ago, so that a bad disk does not have everything fetched with each pass", async () => {
    memory.rebuiltMs = systemClock.monotonic();
    writeFileSync(kept("refs/reconcile/fetched.lock"), "");
    commit("three");
    await expect(read()).rejects.toMatchObject({
      code: "git/damaged",
      hint: "check the disk; it is fetched anew in 10 minutes at the earliest",
    });
  });
});

test.each([
  ["nothing", ""],
  ["zeros", "\0".repeat(41)],
  ["far too much", "x".repeat(1_000_000)],
])("where the commit applied last should stand there is %s: its reference counts", async (_what, text) => {
  writeFileSync(kept("reconcile-followed"), text);
  git("reset", "--quiet", "--hard", "HEAD~1");
  commit("instead");
  await expect(read()).rejects.toMatchObject({ code: "git/rewritten" });
  // Without both, nobody can tell.
  rmSync(kept("refs"), { recursive: true });
  await expect(read()).rejects.toMatchObject({ code: "git/forgotten" });
  rmSync(kept(), { recursive: true });
  expect(await read()).toBe("instead");
});

test("a folder of a version without that file goes on from its reference", async () => {
  rmSync(kept("reconcile-followed"));
  const before = git("rev-parse", "HEAD");
  expect(await read()).toBe("two");
  expect(readFileSync(kept("reconcile-followed"), "utf8")).toBe(`${before}\n`);
  rmSync(kept("reconcile-followed"));
  git("reset", "--quiet", "--hard", "HEAD~1");
  commit("instead");
  await expect(read()).rejects.toMatchObject({ code: "git/rewritten" });
});

test("nothing is written or removed through a link", async () => {
  const precious = join(root, "precious");
  mkdirSync(precious);
  const file = join(precious, "file");
  writeFileSync(file, "precious");
  for (const name of [
    "config",
    "HEAD",
    "objects",
    "refs/reconcile",
    "reconcile-followed",
    "reconcile-followed.new",
  ]) {
    rmSync(kept(name), { recursive: true, force: true });
    symlinkSync(name === "objects" || name === "refs/reconcile" ? precious : file, kept(name));
    restart();
    const made = commit(name);
    await read().catch(() => undefined);
    expect([readFileSync(file, "utf8"), readdirSync(precious)], name).toEqual(["precious", ["file"]]);
    rmSync(kept(), { recursive: true });
    await read();
    expect(readFileSync(kept("reconcile-followed"), "utf8")).toBe(`${made}\n`);
  }
  for (const put of [
    symlinkSync.bind(null, precious),
    (path: string) => {
      writeFileSync(path, "");
    },
  ]) {
    rmSync(kept(), { recursive: true });
    put(kept());
    await expect(read()).rejects.toMatchObject({ code: "git/notAFolder" });
    expect(readdirSync(precious)).toEqual(["file"]);
  }
});
