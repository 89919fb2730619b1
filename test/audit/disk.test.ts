// The trail on a real disk.
import { chmod, mkdtemp, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHistory } from "../../src/audit/history.ts";
import { requireTrail } from "../../src/audit/require-trail.ts";
import { openTrail, type Trail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { diskFiles, type Files } from "../../src/lib/files.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeApplied, makeDocument, makeEntry, placeOf, run, seen, startMs } from "./samples.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-audit-"));
});
afterAll(() => rm(folder, { recursive: true }));

function open(path: string, files: Files = diskFiles): Promise<Trail> {
  return openTrail({ files, clock: makeFakeClock(startMs), path, run });
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

test("folder and file are made, the file for its owner alone, and every record is synced", async () => {
  const path = join(folder, "deep", "er", "trail.log");
  const order: string[] = [];
  const watched: Files = {
    ...diskFiles,
    openAppend: async (...given) => {
      const file = await diskFiles.openAppend(...given);
      return {
        ...file,
        append: async (text) => {
          await file.append(text);
          order.push("written");
        },
        sync: async () => {
          await file.sync();
          order.push("synced");
        },
      };
    },
  };
  const trail = await open(path, watched);
  await trail.append(makeApplied("1"));
  order.push("returned");
  await Promise.all(Array.from({ length: 1_000 }, () => trail.append(makeEntry())));
  await trail.close();
  expect(order.slice(0, 3)).toEqual(["written", "synced", "returned"]);
  expect(order.filter((step) => step === "synced").length).toBe(3);
  expect(await modeOf(path)).toBe(0o600);
  expect(await verifyTrail(diskFiles, path)).toMatchObject({ ok: true, records: 1_001 });
  const { recorded } = await readHistory(diskFiles, placeOf(path), seen([]));
  expect(recorded).toEqual(new Map([["1", makeDocument()]]));
});

test("a torn line is set aside and the next run carries on", async () => {
  const path = join(folder, "torn.log");
  const first = await open(path);
  await first.append(makeEntry());
  await first.append(makeEntry());
  await first.close();
  const { size } = await stat(path);
  await truncate(path, size - 5);
  const second = await open(path);
  expect(second.notices).toHaveLength(1);
  await second.append(makeEntry());
  await second.close();
  expect(await verifyTrail(diskFiles, path)).toMatchObject({ ok: true, records: 2, tornTail: false });
  expect(await modeOf(`${path}.torn`)).toBe(0o600);
});

test("a file that is made and cannot be written is not left behind, and one that was there is", async () => {
  const path = join(folder, "made", "lock.1");
  const noText = 5 as unknown as string;
  await expect(diskFiles.create(path, noText, { mode: 0o600 })).rejects.toThrow();
  await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  await diskFiles.create(path, "first", { mode: 0o600 });
  await expect(diskFiles.create(path, noText, { mode: 0o600 })).rejects.toMatchObject({ code: "EEXIST" });
  expect([new TextDecoder().decode(await diskFiles.read(path, 1024)), await modeOf(path)]).toEqual([
    "first",
    0o600,
  ]);
});

test("a path that cannot be a file is refused before anything is done", async () => {
  await expect(open(folder)).rejects.toMatchObject({ code: "audit/unwritable" });
});

test.skipIf(process.getuid?.() === 0)("a file without write permission is refused", async () => {
  const path = join(folder, "locked.log");
  await (await open(path)).close();
  await chmod(path, 0o400);
  await expect(open(path)).rejects.toMatchObject({ code: "audit/unwritable" });
});

test("a head is kept only once its record would survive a power cut, whoever has appended it", async () => {
  const path = join(folder, "kept", "trail.log");
  const trail = await open(path);
  await trail.append(makeApplied("1"));
  await trail.close();
  const order: string[] = [];
  const watched: Files = {
    ...diskFiles,
    openAppend: async (...given) => {
      const file = await diskFiles.openAppend(...given);
      return { ...file, sync: () => file.sync().then(() => void order.push("synced")) };
    },
    write: (...given) => diskFiles.write(...given).then(() => void order.push(given[0])),
  };
  const headPath = join(folder, "kept", "head.json");
  const wish = {
    path,
    headPath,
    key: undefined,
    acceptHead: null,
    dryRun: false,
    environment: run.environment,
  };
  await requireTrail(wish, watched);
  expect(order).toEqual(["synced", headPath]);
});
