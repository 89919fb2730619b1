// The real disk, where something other than a file has the file's name.
import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diskFiles } from "../../src/lib/files.ts";
import { setAside } from "../../src/lib/set-aside.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const textOf = (name: string): Promise<string> => readFile(at(name), "utf8");
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-disk-"));
});
afterEach(() => rm(folder, { recursive: true }));

const makePipe = (name: string): void => {
  execFileSync("mkfifo", [at(name)]);
};

describe("a read", () => {
  test("takes a file of the limit, and a link to one", async () => {
    await writeFile(at("file"), "12345");
    await symlink("file", at("link"));
    for (const name of ["file", "link"])
      expect(Buffer.from(await diskFiles.read(at(name), 5)).toString()).toBe("12345");
  });

  test("refuses more than its limit, and reads no more", async () => {
    await writeFile(at("file"), "123456");
    await expect(diskFiles.read(at("file"), 5)).rejects.toMatchObject({ code: "EFBIG" });
    // A file of 1 TiB without content: to read it would take an hour.
    await truncate(at("file"), 2 ** 40);
    await expect(diskFiles.read(at("file"), 5)).rejects.toMatchObject({ code: "EFBIG" });
  });

  test("takes content without a size, up to its limit", async () => {
    expect((await diskFiles.read("/proc/self/status", 1024 * 1024)).length).toBeGreaterThan(100);
    await expect(diskFiles.read("/proc/self/status", 100)).rejects.toMatchObject({ code: "EFBIG" });
  });

  test("neither waits for a pipe, nor reads a device, a folder or a link to one of them", async () => {
    makePipe("pipe");
    await symlink("pipe", at("to-pipe"));
    await symlink("/dev/zero", at("to-zero"));
    await symlink(".", at("to-folder"));
    for (const name of ["pipe", "to-pipe", "to-zero"])
      await expect(diskFiles.read(at(name), 1024)).rejects.toMatchObject({ code: "ENOTFILE" });
    for (const path of [folder, at("to-folder")])
      await expect(diskFiles.read(path, 1024)).rejects.toMatchObject({ code: "EISDIR" });
  });
});

describe("a write", () => {
  test("replaces a link, and leaves alone what it names", async () => {
    await writeFile(at("other"), "precious");
    await symlink("other", at("state"));
    await diskFiles.write(at("state"), "mine", { mode: 0o600 });
    expect([await textOf("other"), await textOf("state")]).toEqual(["precious", "mine"]);
    expect(await diskFiles.entryKind(at("state"))).toBe("file");
  });

  test("through links goes to the file that they name, whose mode stays", async () => {
    await mkdir(at("deep"));
    await writeFile(at("deep/plan"), "old");
    await chmod(at("deep/plan"), 0o640);
    await symlink("deep/plan", at("plan"));
    await diskFiles.write(at("plan"), "new", { throughLinks: true });
    expect([await textOf("deep/plan"), await diskFiles.entryKind(at("plan"))]).toEqual(["new", "link"]);
    expect((await stat(at("deep/plan"))).mode & 0o777).toBe(0o640);
  });

  test.each([{}, { throughLinks: true }] as const)(
    "leaves what is not a file as it is (%j)",
    async (options) => {
      makePipe("pipe");
      await symlink("pipe", at("to-pipe"));
      const refused = { code: "ENOTFILE" };
      await expect(diskFiles.write(at("pipe"), "x", options)).rejects.toMatchObject(refused);
      await expect(diskFiles.write("/dev/null", "x", options)).rejects.toMatchObject(refused);
      await expect(diskFiles.write(folder, "x", options)).rejects.toMatchObject({ code: "EISDIR" });
      if (options.throughLinks)
        await expect(diskFiles.write(at("to-pipe"), "x", options)).rejects.toMatchObject(refused);
      expect((await readdir(folder)).sort()).toEqual(["pipe", "to-pipe"]);
      expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
    },
  );

  test("uses no file beside it that somebody prepared", async () => {
    await writeFile(at("other"), "precious");
    for (let number = 1; number <= 20; number += 1) await symlink("other", at(`state.${number}.tmp`));
    await diskFiles.write(at("state"), "mine");
    expect([await textOf("other"), await textOf("state")]).toEqual(["precious", "mine"]);
    expect(await readdir(folder)).toHaveLength(22);
  });
});

describe("a trail", () => {
  test("is not opened through a link, a pipe, a folder or a second name, and keeps its mode", async () => {
    await writeFile(at("file"), "");
    await chmod(at("file"), 0o644);
    await (await diskFiles.openAppend(at("file"), 0o600)).close();
    expect((await stat(at("file"))).mode & 0o777).toBe(0o644);
    await symlink("file", at("link"));
    await symlink("nowhere", at("dangling"));
    makePipe("pipe");
    await expect(diskFiles.openAppend(at("link"), 0o600)).rejects.toMatchObject({ code: "ELOOP" });
    await expect(diskFiles.openAppend(at("dangling"), 0o600)).rejects.toMatchObject({ code: "ELOOP" });
    await expect(diskFiles.openAppend(at("pipe"), 0o600)).rejects.toMatchObject({ code: "ENOTFILE" });
    await expect(diskFiles.openAppend("/dev/null", 0o600)).rejects.toMatchObject({ code: "ENOTFILE" });
    await link(at("file"), at("second"));
    await expect(diskFiles.openAppend(at("second"), 0o600)).rejects.toMatchObject({ code: "EMLINK" });
    expect(await readdir(folder)).not.toContain("nowhere");
  });
});

test("what is set aside takes the first free name, and follows no link", async () => {
  await writeFile(at("other"), "precious");
  await symlink("other", at("state.corrupt"));
  await symlink("nowhere", at("state.corrupt.2"));
  await mkdir(at("state.corrupt.3"));
  const bytes = new Uint8Array([0xff, 0x00]);
  expect(await setAside(diskFiles, at("state.corrupt"), bytes)).toBe(at("state.corrupt.4"));
  expect(new Uint8Array(await readFile(at("state.corrupt.4")))).toEqual(bytes);
  expect((await stat(at("state.corrupt.4"))).mode & 0o777).toBe(0o600);
  expect([await textOf("other"), await readdir(folder)]).toEqual([
    "precious",
    expect.not.arrayContaining(["nowhere"]),
  ]);
});
