// Tests that the disk in memory behaves like the real one, for everything that `Files` shows.
import { mkdtemp, rm, symlink, mkdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskFiles, type Files } from "../../src/lib/files.ts";
import { makeMemoryFiles } from "./memory-files.ts";

interface Disk {
  readonly files: Files;
  /** The absolute path of an existing, empty folder. */
  readonly root: string;
  readonly link: (path: string, target: string) => Promise<void>;
  readonly makeDirectory: (path: string) => Promise<unknown>;
  readonly mode: (path: string) => Promise<number>;
}

async function withRealDisk(use: (disk: Disk) => Promise<void>): Promise<void> {
  const root = await diskFiles.realPath(await mkdtemp(join(tmpdir(), "reconcile-files-")));
  try {
    await use({
      files: diskFiles,
      root,
      link: (path, target) => symlink(target, path),
      makeDirectory: (path) => mkdir(path),
      mode: async (path) => (await stat(path)).mode & 0o777,
    });
  } finally {
    await rm(root, { recursive: true });
  }
}

async function withMemory(use: (disk: Disk) => Promise<void>): Promise<void> {
  const files = makeMemoryFiles();
  files.makeDirectory("/root");
  await use({
    files,
    root: "/root",
    link: (path, target) => {
      files.link(path, target);
      return Promise.resolve();
    },
    makeDirectory: (path) => {
      files.makeDirectory(path);
      return Promise.resolve();
    },
    mode: (path) => Promise.resolve(files.mode(path)),
  });
}

const text = async (files: Files, path: string): Promise<string> =>
  Buffer.from(await files.read(path, 1024)).toString();

describe.each([
  ["real", withRealDisk],
  ["memory", withMemory],
])("on the %s disk", (_, withDisk) => {
  test("files are written whole, with their folders, and keep or take a mode", () =>
    withDisk(async ({ files, root, mode }) => {
      const path = `${root}/a/b/c.txt`;
      await files.write(path, "one", { mode: 0o600 });
      await files.write(path, "två");
      expect(await text(files, path)).toBe("två");
      expect(await mode(path)).toBe(0o600);
      expect(await files.stat(path)).toEqual({ kind: "file", sizeBytes: 4 });
      expect(await files.stat(`${root}/a`)).toMatchObject({ kind: "directory" });
    }));

  test("a folder lists what is directly inside, links as links", () =>
    withDisk(async ({ files, root, link, makeDirectory }) => {
      await files.write(`${root}/a/deep.txt`, "x");
      await files.write(`${root}/b.txt`, "x");
      await makeDirectory(`${root}/empty`);
      await link(`${root}/l`, "b.txt");
      const entries = [...(await files.list(root))].sort((x, y) => (x.name < y.name ? -1 : 1));
      expect(entries).toEqual([
        { name: "a", kind: "directory" },
        { name: "b.txt", kind: "file" },
        { name: "empty", kind: "directory" },
        { name: "l", kind: "link" },
      ]);
      expect(await files.list(`${root}/empty`)).toEqual([]);
    }));

  test("links are followed, also through folders, and a loop is an error", () =>
    withDisk(async ({ files, root, link }) => {
      await files.write(`${root}/a/b.txt`, "x");
      await link(`${root}/folder`, "a");
      await link(`${root}/file`, `${root}/folder/b.txt`);
      await link(`${root}/nowhere`, "missing");
      await link(`${root}/loop`, "loop");
      expect(await files.realPath(`${root}/file`)).toBe(`${root}/a/b.txt`);
      expect(await files.realPath(`${root}/folder/../a`)).toBe(`${root}/a`);
      expect(await text(files, `${root}/folder/b.txt`)).toBe("x");
      expect(await files.stat(`${root}/file`)).toEqual({ kind: "file", sizeBytes: 1 });
      await expect(files.stat(`${root}/nowhere`)).rejects.toMatchObject({ code: "ENOENT" });
      await expect(files.stat(`${root}/loop`)).rejects.toMatchObject({ code: "ELOOP" });
    }));

  test("what is missing or of the wrong kind fails with Node's code", () =>
    withDisk(async ({ files, root }) => {
      await files.write(`${root}/file`, "x");
      const codes = [
        files.read(`${root}/none`, 1024),
        files.stat(`${root}/none`),
        files.realPath(`${root}/none`),
        files.list(`${root}/none`),
        files.list(`${root}/file`),
        files.read(root, 1024),
        files.openAppend(root, 0o600),
      ].map((call) =>
        call.then(
          () => "",
          (error: unknown) => (error as { code: string }).code,
        ),
      );
      expect(await Promise.all(codes)).toEqual([
        "ENOENT",
        "ENOENT",
        "ENOENT",
        "ENOENT",
        "ENOTDIR",
        "EISDIR",
        "EISDIR",
      ]);
      await expect(files.write(`${root}/file/below`, "x")).rejects.toMatchObject({
        code: expect.stringMatching(/^(ENOTDIR|EEXIST)$/) as unknown,
      });
    }));

  test("a link in a file's place is seen, replaced, removed, and not appended through", () =>
    withDisk(async ({ files, root, link }) => {
      await files.write(`${root}/file`, "x");
      await link(`${root}/link`, "file");
      await link(`${root}/nowhere`, "missing");
      const kinds = ["file", "link", "nowhere", "missing"].map((name) =>
        files.entryKind(`${root}/${name}`),
      );
      expect(await Promise.all(kinds)).toEqual(["file", "link", "link", null]);
      expect(await files.entryKind(root)).toBe("directory");
      for (const name of ["link", "nowhere"]) {
        await expect(files.openAppend(`${root}/${name}`, 0o600)).rejects.toMatchObject({ code: "ELOOP" });
        await expect(files.create(`${root}/${name}`, "y", { mode: 0o600 })).rejects.toMatchObject({
          code: "EEXIST",
        });
      }
      await files.write(`${root}/link`, "through", { throughLinks: true });
      expect([await text(files, `${root}/file`), await files.entryKind(`${root}/link`)]).toEqual([
        "through",
        "link",
      ]);
      await files.write(`${root}/link`, "over");
      expect([await text(files, `${root}/file`), await text(files, `${root}/link`)]).toEqual([
        "through",
        "over",
      ]);
      await files.remove(`${root}/nowhere`);
      expect(await files.entryKind(`${root}/nowhere`)).toBeNull();
      await expect(files.read(`${root}/file`, 6)).rejects.toMatchObject({ code: "EFBIG" });
    }));

  test("an append file grows, is read in ranges, cut, and kept", () =>
    withDisk(async ({ files, root, mode }) => {
      const path = `${root}/logs/trail.log`;
      const file = await files.openAppend(path, 0o600);
      await file.append("one\n");
      await file.append("twö\n");
      await file.sync();
      expect(await file.sizeBytes()).toBe(9);
      expect(Buffer.from(await file.readRange(4, 100)).toString()).toBe("twö\n");
      expect(await file.readRange(4, 4)).toHaveLength(0);
      await file.truncate(4);
      await file.append("2\n");
      await file.close();
      const again = await files.openAppend(path, 0o644);
      expect(await mode(path)).toBe(0o600);
      await again.setMode(0o644);
      await again.append("3\n");
      await again.close();
      expect(await text(files, path)).toBe("one\n2\n3\n");
      expect(await mode(path)).toBe(0o644);
    }));
});

test("relative paths start at the root, and a folder is there because of what it holds", async () => {
  const files = makeMemoryFiles({ "a/b.txt": "x" });
  expect(files.paths()).toEqual(["/a/b.txt"]);
  expect(await files.list(".")).toEqual([{ name: "a", kind: "directory" }]);
  expect(await files.realPath("a/./b.txt")).toBe("/a/b.txt");
  files.take("a/b.txt");
  await expect(files.read("a/b.txt", 1024)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a failure asked for comes once, and a failing append leaves what it wrote", async () => {
  const files = makeMemoryFiles();
  const file = await files.openAppend("x", 0o600);
  files.failNext("append", "ENOSPC", 2);
  await expect(file.append("abc")).rejects.toMatchObject({ code: "ENOSPC" });
  await file.append("d");
  files.failNext("write", "EROFS");
  await expect(files.write("y", "1")).rejects.toMatchObject({ code: "EROFS" });
  expect([files.text("x"), files.paths()]).toEqual(["abd", ["/x"]]);
});

test("a power cut takes what was not synced: appends go, cuts come back", async () => {
  const files = makeMemoryFiles();
  const file = await files.openAppend("x", 0o600);
  await file.append("one");
  await file.sync();
  await file.append("two");
  await file.truncate(1);
  await file.append("three");
  expect(files.text("x")).toBe("othree");
  files.cutPower();
  expect(files.text("x")).toBe("one");
  expect(files.syncs()).toBe(1);
});
