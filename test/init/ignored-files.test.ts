// `.gitignore` as `init` writes it, judged by the real Git: what the guides have people make does not get into it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
/** What people make to commit it, to keep it elsewhere, or to remove it at the end of the same steps. */
const meantToStay =
  /^(?:subscriptions\/|event-types\.txt$|head\.txt$|restore\.yaml$|genesys-deliver\.json$|parameters\.json$|policy\.json$)/;
/** Such as `--out plan.json`, `> comment.md`, `--audit audit-trail-4711-1/subscription_audit.log`. */
const madeBy = /(?:--(?:out|audit|file|record) |[^>]> )([a-z][\w-]*(?:\/[\w.-]+)*\.[a-z]+)\b/gm;

let folder: string;
beforeAll(async () => {
  const { world } = await runWorld({ argv: "init" });
  folder = mkdtempSync(join(tmpdir(), "reconcile-ignored-"));
  execFileSync("git", ["init", "--quiet", folder]);
  writeFileSync(join(folder, ".gitignore"), world.files.text(".gitignore"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isIgnored(path: string): boolean {
  try {
    execFileSync("git", ["-C", folder, "check-ignore", "--quiet", path]);
    return true;
  } catch {
    return false;
  }
}

test("it lists every file that the README and the guides have people make and not commit", () => {
  const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const texts = ["README.md", ...guides.map((name) => `docs/${name}`)].map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  const made = texts.flatMap((text) => [...text.matchAll(madeBy)].map(([, path = ""]) => path));
  const distinct = [...new Set(made)].filter((path) => !meantToStay.test(path)).sort();
  expect(distinct).toEqual(expect.arrayContaining(["comment.md", "plan.json", "sandbox.env"]));
  expect(distinct.filter((path) => !isIgnored(path))).toEqual([]);
});

test("it lists secrets, state and trails, and nothing of what is to be committed", () => {
  const local = [".env", ".reconcile/sandbox.json", "audit-logs/subscription_audit.log", "team/.env"];
  expect(local.filter((path) => !isIgnored(path))).toEqual([]);
  const committed = [
    ...["reconcile.yaml", "subscriptions/example.yaml", "schemas/webhook-subscription.v1.json"],
    ...[".github/workflows/reconcile-plan.yml", "event-types.txt", "docs/plan.json", ".gitignore"],
  ];
  expect(committed.filter(isIgnored)).toEqual([]);
});
