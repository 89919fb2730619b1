// From the disk: which files are read, and what the disk can refuse.
import { builtInKinds } from "../../src/kinds/registry.ts";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diskFiles } from "../../src/lib/files.ts";
import { readDesired, type DesiredMemory } from "../../src/manifest/read-desired.ts";
import type { ReadableFiles } from "../../src/lib/files.ts";
import { makeDefaultConfig } from "../../src/manifest/config.ts";
import { readCatalog, readConfig, readManifests } from "../../src/manifest/read.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import { limits, noPolicy, manifestText as text } from "./manifest-text.ts";

type Disk = Readonly<Record<string, string>>;

async function namesOf(
  paths: string | readonly string[],
  files: ReadableFiles,
): Promise<readonly string[]> {
  const read = await readManifests(paths, files);
  expect(read.diagnostics).toEqual([]);
  return read.texts.map(({ file }) => file);
}

async function faultsOf(
  paths: string | readonly string[],
  files: ReadableFiles,
): Promise<readonly string[]> {
  const read = await readManifests(paths, files);
  return read.diagnostics.map(
    ({ code, file, line, column }) => `${file ?? ""}:${line ?? 0}:${column ?? 0} ${code}`,
  );
}

function disk(content: Disk): MemoryFiles {
  return makeMemoryFiles(content);
}

const source = {
  manifests: "subs",
  allowEmpty: false,
  limits,
  allowedEndpointHosts: [],
  policy: noPolicy,
  kinds: builtInKinds,
  values: {},
  catalog: null,
};

describe("manifests", () => {
  test("are all *.yaml and *.yml below the folder, sorted by path, with their text", async () => {
    const files = disk({
      "/subs/b.yml": "b",
      "/subs/a/z.yaml": "ä\n",
      "/subs/a.yaml": "\uFEFFa",
      "/subs/README.md": "no",
      "/subs/a.yaml.bak": "no",
      "/subs/.hidden/c.yaml": "no",
      "/subs/.c.yaml": "no",
      "/subs/node_modules/x/d.yaml": "no",
    });
    const value = [
      { file: "subs/a.yaml", text: "a" },
      { file: "subs/a/z.yaml", text: "ä\n" },
      { file: "subs/b.yml", text: "b" },
    ];
    expect(await readManifests("./subs/", files)).toEqual({ texts: value, diagnostics: [] });
  });

  test("are files and folders that the user names, each file once", async () => {
    const files = disk({ "/subs/a.yaml": "a", "/more/b.yaml": "b", "/one.txt": "c" });
    const paths = ["more", "subs/a.yaml", "subs", "one.txt"];
    expect(await namesOf(paths, files)).toEqual(["more/b.yaml", "one.txt", "subs/a.yaml"]);
    expect(await namesOf("/subs", files)).toEqual(["/subs/a.yaml"]);
  });

  test("are not one file where the folder of all is meant: the other groups would look forgotten", async () => {
    const files = disk({ "/subs/a.yaml": "a", "/one.txt": "c" });
    expect(await faultsOf("./subs/a.yaml", files)).toEqual(["subs/a.yaml:1:1 folder/isFile"]);
    expect(await faultsOf("one.txt", files)).toEqual(["one.txt:1:1 folder/isFile"]);
  });

  test("with an ending in capitals are errors, not passed over; other files are none of ours", async () => {
    const files = disk({
      "/subs/a.yaml": "a",
      "/subs/b.YAML": "b",
      "/subs/c.Yml": "c",
      "/subs/d.JSON": "{}",
    });
    files.link("/subs/link.YAML", "a.yaml");
    expect(await faultsOf("subs", files)).toEqual([
      "subs/b.YAML:1:1 file/misnamed",
      "subs/c.Yml:1:1 file/misnamed",
      "subs/link.YAML:1:1 file/misnamed",
    ]);
  });

  test("more than are read at a time keep their order", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `subs/${String(index).padStart(3, "0")}.yaml`);
    const files = disk(Object.fromEntries(names.map((name) => [`/${name}`, "x"])));
    expect(await namesOf("subs", files)).toEqual(names);
  });
});

describe("an empty or missing folder never means: delete everything;", () => {
  test("an empty one is an error, which --allow-empty overrides", async () => {
    const files = disk({ "/subs/README.md": "no manifests yet" });
    expect(await faultsOf("subs", files)).toEqual(["subs:1:1 folder/empty"]);
    const { diagnostics } = await readManifests("subs", files);
    expect(diagnostics[0]?.hint).toContain("--allow-empty");
    const allowed = await readManifests("subs", files, { allowEmpty: true });
    expect(allowed).toEqual({ texts: [], diagnostics: [] });
  });

  test("one empty folder among others is an error too", async () => {
    const files = disk({ "/subs/a.yaml": "a", "/none/x": "" });
    expect(await faultsOf(["subs", "none"], files)).toEqual(["none:1:1 folder/empty"]);
  });

  test("a missing one is an error, whatever is allowed", async () => {
    const missing = await readManifests(["subs", "a.yaml"], disk({}), { allowEmpty: true });
    expect(missing.diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["folder/missing", '"subs" does not exist'],
      ["file/missing", '"a.yaml" does not exist'],
    ]);
    expect(missing.diagnostics[0]?.hint).toBe(
      "--allow-empty allows an empty folder, but not a missing one: create it, and keep it in Git with a .gitkeep in it; " +
        "a missing one never means: delete everything",
    );
    const plain = await readManifests("subs", disk({}));
    expect(plain.diagnostics[0]?.hint).not.toContain("--allow-empty");
  });
});

describe("links", () => {
  test("within the folder are followed, and no file is read twice", async () => {
    const files = disk({
      "/subs/..2026_01/a.yaml": "a",
      "/subs/..2026_01/team/b.yaml": "b",
      "/subs/c.yaml": "c",
    });
    files.link("/subs/..data", "..2026_01");
    files.link("/subs/a.yaml", "..data/a.yaml");
    files.link("/subs/team", "..data/team");
    files.link("/subs/again.yaml", "c.yaml");
    files.link("/subs/round", ".");
    expect(await namesOf("subs", files)).toEqual(["subs/a.yaml", "subs/c.yaml", "subs/team/b.yaml"]);
  });

  test("that lead out of the folder are errors, to files and to folders", async () => {
    const files = disk({ "/subs/a.yaml": "a", "/subs-2/b.yaml": "b", "/LICENSE": "" });
    files.link("/subs/b.yaml", "../subs-2/b.yaml");
    files.link("/subs/more", "../subs-2");
    files.link("/subs/up", "..");
    files.link("/subs/LICENSE", "../LICENSE");
    expect(await faultsOf("subs", files)).toEqual([
      "subs/b.yaml:1:1 link/outside",
      "subs/more:1:1 link/outside",
      "subs/up:1:1 link/outside",
    ]);
  });

  test("that lead nowhere or in a circle are errors", async () => {
    const files = disk({ "/subs/a.yaml": "a" });
    files.link("/subs/gone", "nowhere");
    files.link("/subs/self.yaml", "self.yaml");
    expect(await faultsOf("subs", files)).toEqual([
      "subs/gone:1:1 link/missing",
      "subs/self.yaml:1:1 link/unreadable",
    ]);
  });

  test("a folder that is itself a link is the folder that it leads to", async () => {
    const files = disk({ "/real/a.yaml": "a" });
    files.link("/subs", "real");
    expect(await namesOf("subs", files)).toEqual(["subs/a.yaml"]);
  });
});

describe("what cannot be read is told file by file:", () => {
  test("too large, not UTF-8, binary", async () => {
    const files = disk({ "/subs/good.yaml": "a" });
    files.set("/subs/large.yaml", new Uint8Array(2 * 1024 * 1024).fill(0x61));
    files.set("/subs/latin.yaml", new Uint8Array([0x61, 0xe4, 0x0a]));
    files.set("/subs/binary.yaml", new Uint8Array([0x61, 0, 0x0a]));
    expect(await faultsOf("subs", files)).toEqual([
      "subs/binary.yaml:1:1 file/notText",
      "subs/large.yaml:1:1 file/tooLarge",
      "subs/latin.yaml:1:1 file/notText",
    ]);
  });

  test("no more of a file is asked for than a manifest may have", async () => {
    const files = disk({ "/subs/a.yaml": "a" });
    const asked: number[] = [];
    const large: ReadableFiles = {
      ...files,
      read: (_, maxBytes) => {
        asked.push(maxBytes);
        return Promise.reject(Object.assign(new Error("EFBIG"), { code: "EFBIG" }));
      },
    };
    expect(await faultsOf("subs", large)).toEqual(["subs/a.yaml:1:1 file/tooLarge"]);
    expect(asked).toEqual([1024 * 1024]);
  });

  test("a file, and a folder, that the system refuses", async () => {
    const files = disk({ "/subs/a.yaml": "a", "/subs/b.yaml": "b" });
    files.failNext("read", "EACCES");
    const refused = await readManifests("subs", files);
    expect(refused.diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["file/unreadable", '"subs/a.yaml" cannot be read: permission denied'],
    ]);
    files.failNext("list", "EIO");
    const folder = await readManifests("subs", files);
    expect(folder.diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["folder/unreadable", '"subs" cannot be read: the system says EIO'],
    ]);
  });

  test("one that cannot be read does not keep the others from being checked", async () => {
    const files = disk({ "/subs/a.yaml": "unreadable", "/subs/b.yaml": "kind: Pod\n" });
    files.failNext("read", "EACCES");
    const source = {
      manifests: "subs",
      allowEmpty: false,
      catalog: null,
      limits,
      allowedEndpointHosts: [],
      policy: noPolicy,
      kinds: builtInKinds,
      values: {},
    };
    const read = await readDesired(source, files);
    expect(read.ok).toBe(false);
    expect(read.diagnostics.map(({ code, file }) => [file, code])).toEqual([
      ["subs/a.yaml", "file/unreadable"],
      ["subs/b.yaml", "kind/unknown"],
    ]);
  });

  test("a bug of our own is not blamed on the user", async () => {
    const broken = { ...disk({ "/a.yaml": "" }), stat: () => Promise.reject(new TypeError("bug")) };
    await expect(readManifests("a.yaml", broken)).rejects.toThrow("bug");
  });
});

describe("limits:", () => {
  test("folders more than 16 levels down", async () => {
    const deep = Array.from({ length: 17 }, () => "d").join("/");
    expect(await faultsOf("subs", disk({ [`/subs/${deep}/a.yaml`]: "a" }))).toEqual([
      `subs/${deep}:1:1 folder/tooDeep`,
    ]);
  });

  test("more files than any organisation has, and more text than memory should hold", async () => {
    const files = disk({ "/subs/a.yaml": "a" });
    const many = Array.from(
      { length: 10_001 },
      (_, index) => ({ name: `${index}.yaml`, kind: "file" }) as const,
    );
    const crowded: ReadableFiles = { ...files, list: () => Promise.resolve(many) };
    expect(await faultsOf("subs", crowded)).toContain("subs:1:1 folder/tooManyFiles");
    const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
    const heavy: ReadableFiles = {
      ...files,
      list: () => Promise.resolve(many.slice(0, 100)),
      stat: (path) =>
        Promise.resolve({
          kind: path.endsWith(".yaml") ? "file" : "directory",
          sizeBytes: megabyte.length,
        }),
      read: () => Promise.resolve(megabyte),
    };
    const { diagnostics } = await readManifests("subs", heavy);
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["folder/tooLarge", "the manifests together are larger than 64 MiB"],
    ]);
  });
});

describe("the config and the catalogue", () => {
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: me\n";

  test("a config is read; without one the defaults hold, unless the user named it", async () => {
    const files = disk({ "/ops/reconcile.yaml": config });
    expect(await readConfig("./ops/reconcile.yaml", files, { required: true })).toMatchObject({
      ok: true,
      value: { owner: "me", file: "ops/reconcile.yaml" },
    });
    expect(await readConfig("reconcile.yaml", files, { required: false })).toMatchObject({
      ok: true,
      value: { owner: "default", file: "reconcile.yaml", places: {} },
    });
    expect(await readConfig("reconcile.yaml", files, { required: true })).toMatchObject({
      ok: false,
      diagnostics: [{ code: "config/missing", file: "reconcile.yaml", line: 1 }],
    });
  });

  test("a config that is there but unreadable is an error in any case", async () => {
    const files = disk({ "/c/x": "" });
    expect(await readConfig("c", files, { required: false })).toMatchObject({
      ok: false,
      diagnostics: [{ code: "config/unreadable", message: "this is not a file" }],
    });
  });

  test("a catalogue is read, and a missing one is an error", async () => {
    const files = disk({ "/topics.txt": "a.b\n" });
    expect(await readCatalog("topics.txt", files)).toEqual({
      ok: true,
      value: [{ id: "a.b", transports: [] }],
      diagnostics: [],
    });
    expect(await readCatalog("topic.txt", files)).toMatchObject({
      ok: false,
      diagnostics: [{ code: "catalog/missing", file: "topic.txt" }],
    });
  });
});

describe("the desired state", () => {
  test("is what the manifests say", async () => {
    const files = disk({ "/subs/a.yaml": text() });
    expect(await readDesired(source, files)).toMatchObject({
      ok: true,
      value: [{ group: "alpha", place: { file: "subs/a.yaml", line: 1, column: 1 } }],
      diagnostics: [],
    });
  });

  test("of a large folder is read and checked in slices", async () => {
    const names = Array.from({ length: 320 }, (_, index) => `group-${index}`);
    const large = names.map((name) => [`/subs/${name}.yaml`, text().replaceAll("alpha", name)] as const);
    const files = disk(Object.fromEntries(large));
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const read = await readDesired(source, files);
    isOver = true;
    expect(read).toMatchObject({ ok: true, diagnostics: [] });
    // Batches of 32 files, and 64 KiB.
    expect(turns).toBeGreaterThan(9);
  });

  test("is held against the catalogue", async () => {
    const files = disk({ "/subs/a.yaml": text(), "/topics.txt": "other.topic" });
    expect(await readDesired({ ...source, catalog: "topics.txt" }, files)).toMatchObject({
      ok: false,
      diagnostics: [{ code: "eventTypes/notInCatalog" }],
    });
  });

  test("lacks a catalogue: that is told together with the manifests' own mistakes", async () => {
    const files = disk({ "/subs/a.yaml": text({}, "  state: off\n") });
    const { ok, diagnostics } = await readDesired({ ...source, catalog: "topics.txt" }, files);
    expect([ok, diagnostics.map(({ code }) => code)]).toEqual([
      false,
      ["state/unknown", "catalog/missing"],
    ]);
    const { ok: empty, diagnostics: both } = await readDesired(
      { ...source, catalog: "topics.txt" },
      disk({}),
    );
    expect([empty, both.map(({ code }) => code)]).toEqual([false, ["folder/missing", "catalog/missing"]]);
    const good = disk({ "/subs/a.yaml": text() });
    expect(await readDesired({ ...source, catalog: "topics.txt" }, good)).toMatchObject({ ok: false });
  });
});

describe("with the memory of the pass before, the desired state", () => {
  const config = makeDefaultConfig("reconcile.yaml");
  const from = { ...source, config, catalog: "topics.txt" };
  const topics = "routing.queue.created\n";
  const begin = async () => {
    const files = disk({ "/subs/a.yaml": text(), "/topics.txt": topics });
    const memory: DesiredMemory = { last: null };
    const first = await readDesired(from, files, { memory });
    expect(first).toMatchObject({ ok: true });
    return { files, memory, first };
  };

  test("is the very same if nothing was changed", async () => {
    const { files, memory, first } = await begin();
    expect(await readDesired(from, files, { memory })).toBe(first);
    expect(await readDesired(from, files)).toEqual(first);
  });

  test.each<[what: string, change: (files: MemoryFiles) => Partial<typeof from>]>([
    ["a manifest", (files) => (files.set("/subs/a.yaml", text({}, "  state: disabled\n")), {})],
    ["a manifest's name", (files) => (files.set("/subs/b.yaml", text()), files.take("/subs/a.yaml"), {})],
    ["the catalogue", (files) => (files.set("/topics.txt", `${topics}c.created\n`), {})],
    ["the config", () => ({ config: { ...config, owner: "other" } })],
  ])("is made anew, as without the memory, if %s was changed", async (_, change) => {
    const { files, memory, first } = await begin();
    const changed = { ...from, ...change(files) };
    const second = await readDesired(changed, files, { memory });
    expect(second).not.toBe(first);
    expect(second).toEqual(await readDesired(changed, files));
    expect(await readDesired(changed, files, { memory })).toBe(second);
  });

  test("is not kept if a file cannot be read", async () => {
    const { files, memory, first } = await begin();
    files.failNext("read", "EACCES");
    expect(await readDesired(from, files, { memory })).toMatchObject({ ok: false });
    const third = await readDesired(from, files, { memory });
    expect(third).not.toBe(first);
    expect(third).toEqual(first);
  });
});

describe("on a real disk", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "reconcile-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("a mounted ConfigMap is read through its links, and nothing outside the folder is", async () => {
    const subs = join(folder, "subs");
    await mkdir(join(subs, "..2026"), { recursive: true });
    await writeFile(join(subs, "..2026", "a.yaml"), text());
    await symlink("..2026", join(subs, "..data"));
    await symlink("..data/a.yaml", join(subs, "a.yaml"));
    expect(await namesOf(subs, diskFiles)).toEqual([`${subs}/a.yaml`]);
    await writeFile(join(folder, "secret.yaml"), "x");
    await symlink("../secret.yaml", join(subs, "b.yaml"));
    expect(await faultsOf(subs, diskFiles)).toEqual([`${subs}/b.yaml:1:1 link/outside`]);
  });

  test.skipIf(process.getuid?.() === 0)("a file without permission is told", async () => {
    await writeFile(join(folder, "a.yaml"), text());
    await chmod(join(folder, "a.yaml"), 0);
    expect(await faultsOf(folder, diskFiles)).toEqual([`${folder}/a.yaml:1:1 file/unreadable`]);
  });
});
