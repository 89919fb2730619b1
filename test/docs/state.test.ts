// docs/state.md names what there is: keys of the config, branches, codes of errors, and roles.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { stateRef } from "../../src/state/git/state-ref.ts";
import { manifest, runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/state.md"), "utf8");

function blocksOf(language: string): readonly string[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , body = ""]) => body);
}

test.each(blocksOf("yaml"))("the config takes what the page shows: %j", async (block) => {
  const files = {
    "reconcile.yaml": `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${block}`,
    "subscriptions/a.yaml": manifest("a"),
  };
  const { status, out, err } = await runWorld({ argv: "validate", files });
  expect([status, out, err]).toEqual([0, "1 manifest is valid\n", ""]);
});

test("a branch is named as the page shows it, and by the ruleset's pattern", () => {
  const [, organization = "", owner = ""] =
    /refs\/heads\/reconcile-state\/([0-9a-f-]{36})\/(\S+)/.exec(text) ?? [];
  expect(text).toContain(`\t${stateRef("reconcile-state", { organization, owner })}\n`);
  const [ruleset = ""] = blocksOf("sh").filter((block) => block.includes("rulesets"));
  const json = JSON.parse(/^\{[^]*?^\}$/m.exec(ruleset)?.[0] ?? "") as { readonly rules: unknown };
  expect(json).toMatchObject({
    conditions: { ref_name: { include: ["refs/heads/reconcile-state/**/*"] } },
    rules: [{ type: "non_fast_forward" }, { type: "deletion" }],
  });
});

test("each code of the page's table is one that there is", () => {
  const [, table = ""] = /^## What goes wrong\n([^]*)/m.exec(text) ?? [];
  const codes = [...table.matchAll(/`((?:state|audit)\/[A-Za-z]+)`/g)].map(([, code = ""]) => code);
  expect(codes.length).toBeGreaterThan(10);
  const known = readFileSync(join(root, "src/model/error-class.ts"), "utf8");
  for (const code of codes) expect(known, code).toContain(`"${code}"`);
});

test("the roles that the page makes are those of the example for Kubernetes", () => {
  const secret = readFileSync(join(root, "deploy/kubernetes-postgres/examples/secret.yaml"), "utf8");
  const made = [...text.matchAll(/CREATE ROLE (\w+)/g)].map(([, role]) => role);
  const used = [...secret.matchAll(/postgres:\/\/(\w+):/g)].map(([, role]) => role);
  expect(used.sort()).toEqual(made.filter((role) => role !== "reconcile_reader").sort());
});
