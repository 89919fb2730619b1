// Until the package is published, nobody owns its name: whoever takes it would run beside our users' secrets. So no text
// that people copy from names it; nor does one run `npx reconcile`, which is any package of that name.
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findRegion, regionDomains } from "../../src/genesys/client/regions.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { startChoices } from "../../src/init/starting-manifest.ts";
import { runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");

/** These lines run inside a clone, after `npm ci`. */
const inClone: readonly string[] = ["npm ci && npx reconcile --sandbox"];

function textsHere(): [string, string][] {
  const below = ["docs", ".github", "deploy", "action"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(md|ya?ml|service)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  );
  const above = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "Dockerfile",
    "action.yml",
    "action/main.mjs",
  ];
  return [...above, ...below].map((path) => [path, readFileSync(join(root, path), "utf8")]);
}

function wrongLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => !inClone.includes(line.trim()))
    .filter((line) => /\bnpx\b.*\breconcile\b|genesys-webhook-reconciler/.test(line));
}

test("no text that people copy, no help and nothing that init writes runs a package that nobody owns", async () => {
  const written: [string, string][] = [];
  for (const { name: scheme } of startChoices(builtInKinds)) {
    const { world, out, err } = await runWorld({ argv: `init --scheme ${scheme}` });
    written.push([`init --scheme ${scheme}`, out + err]);
    for (const path of world.files.paths()) written.push([path, world.files.text(path)]);
  }
  const { out } = await runWorld({ argv: "init --help" });
  const wrong = [...textsHere(), ...written, ["init --help", out] as const].flatMap(([path, text]) =>
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
    wrongLines(
      "run: npx reconcile plan\nnpx --yes reconcile\nnpm ci && npx reconcile --sandbox\nnpm i genesys-webhook-reconciler",
    ),
  ).toEqual(["run: npx reconcile plan", "npx --yes reconcile", "npm i genesys-webhook-reconciler"]);
});
