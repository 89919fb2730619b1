// `npx reconcile` runs whatever package of that name a registry has, unless it runs in a clone of this repository.
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findRegion, regionDomains } from "../../src/genesys/client/regions.ts";
import { runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const longForm = /npx (--yes )?--package genesys-webhook-reconciler reconcile\b/g;

/** These lines run inside a clone, after `npm ci`. */
const inClone: readonly string[] = ["npm ci && npx reconcile --sandbox"];

function textsHere(): [string, string][] {
  const below = ["docs", ".github"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(md|ya?ml)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  );
  return ["README.md", ...below].map((path) => [path, readFileSync(join(root, path), "utf8")]);
}

function wrongLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => !inClone.includes(line.trim()))
    .filter((line) => /\bnpx\b.*\breconcile\b/.test(line.replaceAll(longForm, "")));
}

test("texts meant for elsewhere name the package", async () => {
  const { world } = await runWorld({ argv: "init" });
  const written = world.files.paths().map((path): [string, string] => [path, world.files.text(path)]);
  const wrong = [...textsHere(), ...written].flatMap(([path, text]) =>
    wrongLines(text).map((line) => `${path}: ${line}`),
  );
  expect(wrong).toEqual([]);
});

test("README shows an error as it is printed", async () => {
  const path = "subscriptions/crm-sync.yaml";
  const example = readFileSync(join(root, path), "utf8").replace("eventTypes:", "eventTypez:");
  const { out } = await runWorld({ argv: "validate", files: { [path]: example } });
  const [shown] = out.split("\n\n");
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`\n\`\`\`\n${shown}\n\`\`\`\n`);
});

test("README lists every region", () => {
  const rows = readFileSync(join(root, "README.md"), "utf8").matchAll(
    /^\| `([\w-]+)` +\| `([\w.-]+)` +\|$/gm,
  );
  const listed = [...rows].map(([, awsRegion = "", domain = ""]) => [awsRegion, domain]);
  expect(listed.map(([awsRegion = ""]) => findRegion(awsRegion)?.domain)).toEqual(
    listed.map(([, domain]) => domain),
  );
  expect(listed.map(([, domain]) => domain).sort()).toEqual([...regionDomains].sort());
});

test("the check finds what it looks for", () => {
  expect(
    wrongLines("run: npx reconcile plan\nnpx --yes reconcile\nnpm ci && npx reconcile --sandbox"),
  ).toEqual(["run: npx reconcile plan", "npx --yes reconcile"]);
});
