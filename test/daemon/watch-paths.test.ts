// On the real disk: what editors, Git and Kubernetes do to a folder is seen, whatever they do it by.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Watched } from "../../src/app/world.ts";
import { watchPaths } from "../../src/daemon/watch-paths.ts";

let root = "";
let watched: Watched;
let changes = 0;
let errors: unknown[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "watch-"));
  mkdirSync(at("subscriptions/deep"), { recursive: true });
  writeFileSync(at("subscriptions/a.yaml"), "1");
  mkdirSync(at("mounted/..1"), { recursive: true });
  writeFileSync(at("mounted/..1/a.yaml"), "1");
  symlinkSync("..1", at("mounted/..data"));
  symlinkSync("..data/a.yaml", at("mounted/a.yaml"));
  const paths = ["subscriptions", "mounted", "reconcile.yaml"].map(at);
  changes = 0;
  errors = [];
  watched = watchPaths(
    { paths, isIgnored: (below) => below === "charts" || below.endsWith(".lock") },
    () => (changes += 1),
    (error) => errors.push(error),
  );
  await watched.ready;
});

afterEach(async () => {
  await watched.close();
  rmSync(root, { recursive: true });
  expect(errors).toEqual([]);
});

function at(path: string): string {
  return join(root, path);
}

/** Does it, and waits until it is seen. */
async function seen(change: () => void): Promise<void> {
  const before = changes;
  change();
  await expect.poll(() => changes, { timeout: 5_000 }).toBeGreaterThan(before);
  // What follows from the same change is not taken for the next one.
  for (let last = -1; last !== changes;) {
    last = changes;
    await new Promise((resolve) => void setTimeout(resolve, 150));
  }
}

test("a file that is written, replaced, added, or removed", async () => {
  await seen(() => {
    writeFileSync(at("subscriptions/a.yaml"), "2");
  });
  await seen(() => {
    writeFileSync(at("subscriptions/.a.tmp"), "3");
    renameSync(at("subscriptions/.a.tmp"), at("subscriptions/a.yaml"));
  });
  await seen(() => {
    writeFileSync(at("subscriptions/deep/b.yaml"), "1");
  });
  await seen(() => {
    rmSync(at("subscriptions/deep/b.yaml"));
  });
  await seen(() => {
    writeFileSync(at("reconcile.yaml"), "1");
  });
});

test("a folder that goes and comes again, or that another one takes the place of, and what is saved in it then", async () => {
  await seen(() => {
    rmSync(at("subscriptions"), { recursive: true });
  });
  await seen(() => {
    mkdirSync(at("subscriptions"));
    writeFileSync(at("subscriptions/c.yaml"), "1");
  });
  for (const version of ["1", "2"]) {
    await seen(() => {
      mkdirSync(at(`next${version}`));
      writeFileSync(at(`next${version}/c.yaml`), version);
      renameSync(at("subscriptions"), at(`last${version}`));
      renameSync(at(`next${version}`), at("subscriptions"));
    });
    await seen(() => {
      writeFileSync(at("subscriptions/c.yaml"), `${version}, edited`);
    });
  }
});

test("a ConfigMap that Kubernetes swaps by its link, each time", async () => {
  for (const version of [2, 3, 4]) {
    await seen(() => {
      mkdirSync(at(`mounted/..${version}`));
      writeFileSync(at(`mounted/..${version}/a.yaml`), String(version));
      symlinkSync(`..${version}`, at("mounted/..data_tmp"));
      renameSync(at("mounted/..data_tmp"), at("mounted/..data"));
      rmSync(at(`mounted/..${version - 1}`), { recursive: true });
    });
  }
});

test("what lies beside the folder is nobody's business", async () => {
  mkdirSync(at("node_modules/x"), { recursive: true });
  writeFileSync(at("node_modules/x/y.js"), "1");
  writeFileSync(at("notes.txt"), "1");
  await seen(() => {
    writeFileSync(at("subscriptions/a.yaml"), "2");
  });
  expect(changes).toBeLessThanOrEqual(2);
});

test("what the config ignores is no change, whether it is new or changes", async () => {
  mkdirSync(at("subscriptions/charts/one"), { recursive: true });
  writeFileSync(at("subscriptions/charts/one/values.yaml"), "1");
  writeFileSync(at("subscriptions/Chart.lock"), "1");
  await new Promise((resolve) => void setTimeout(resolve, 500));
  writeFileSync(at("subscriptions/charts/one/values.yaml"), "2");
  await new Promise((resolve) => void setTimeout(resolve, 500));
  expect(changes).toBe(0);
  await seen(() => {
    writeFileSync(at("subscriptions/a.yaml"), "2");
  });
});
