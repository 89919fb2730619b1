// What docs/gitops.md shows is what the commands print: the guide is walked from its beginning, on the organisation that it
// names. Ids, commits, times and people differ from run to run, so they are compared by their form.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parseState } from "../../src/sandbox/state-text.ts";
import {
  loggedIn,
  makeWorld,
  runWorld,
  trailOf,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/gitops.md"), "utf8");
const address = "http://127.0.0.1:4780";
const environment = { ...loggedIn, GENESYS_API_URL: address, GENESYS_TOKEN_URL: `${address}/oauth/token` };

/** The lines that a block below the heading shows after the command, of which `…` stands for any number. */
function shownAfter(command: string, heading: string): readonly string[] {
  const at = text.indexOf(`\n$ ${command}\n`, text.indexOf(`\n## ${heading}\n`));
  expect(at, `docs/gitops.md shows no "${command}"`).toBeGreaterThan(-1);
  const rest = text.slice(at + command.length + 4);
  return rest
    .slice(0, rest.search(/^(?:```|\$ )/m))
    .trimEnd()
    .split("\n");
}

const forms: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b|\bid-\d+\b/g, "ID"],
  [/^(✓ node {9}).*/, "$1VERSION"],
  [/^(✓ git {10}).*/, "$1COMMIT"],
  [/\brun [0-9a-f]{8}\b/g, "run ID"],
  [/\(20\S+Z, [^)]+\) applied/g, "(TIME, PERSON) applied"],
];

function formOf(line: string): string {
  return forms.reduce((now, [from, to]) => now.replace(from, to), line).trimEnd();
}

function expectShown({ command, heading }: Step, out: string): void {
  const printed = out.split("\n").map(formOf);
  let at = 0;
  let mayLeaveOut = false;
  for (const line of shownAfter(command, heading).map(formOf)) {
    if (line === "…") {
      mayLeaveOut = true;
      continue;
    }
    const found = mayLeaveOut && line !== "" ? printed.indexOf(line, at) : at;
    expect(printed[found], `after "${command}":\n${out}`).toBe(line);
    at = found + 1;
    mayLeaveOut = false;
  }
}

/** Makes an edit that the guide shows or tells; it must change the file. */
async function edit(world: TestWorld, path: string, changed: (text: string) => string): Promise<void> {
  const before = world.files.text(`/${path}`);
  expect(changed(before)).not.toBe(before);
  await world.files.write(path, changed(before));
}

function disable(world: TestWorld, endpoint: string): void {
  for (const [id, webhook] of world.state.webhooks)
    if (webhook.endpoint === endpoint && webhook.state === "enabled")
      world.state.webhooks.set(id, { ...webhook, state: "disabled" });
}

function restoring(world: TestWorld, taken: string): NonNullable<WorldOptions["workingTree"]> {
  return {
    edited: () => Promise.resolve([]),
    filesAt: (_, paths) => Promise.resolve(paths),
    restore: async (commit, paths) => {
      expect([commit, paths]).toEqual([adopted, ["subscriptions/analytics.yaml"]]);
      await world.files.write("subscriptions/analytics.yaml", taken);
    },
  };
}

interface Step {
  readonly command: string;
  /** The guide's heading below which the command stands. */
  readonly heading: string;
}

/** The commits in the guide: the manifests as they were taken over, and the merge. */
const adopted = "3a618e218a51".padEnd(40, "0");
const merged = "5dfa0c9b62f3".padEnd(40, "0");

async function walk(
  command: string,
  heading: string,
  options: Partial<WorldOptions> & { readonly from: TestWorld; readonly runId?: string },
): Promise<void> {
  const argv = command.replace(/^reconcile ?/, "").replace(/(?<=--run )\S+/, options.runId ?? "$&");
  const { out, err } = await runWorld({ argv, environment, commit: adopted, ...options });
  expectShown({ command, heading }, out + err);
}

function organisation(): TestWorld {
  const world = makeWorld({ argv: "--help" });
  const made = parseState(readFileSync(join(root, "examples/sandbox-made-by-script.json"), "utf8"));
  if (!made.ok) throw new Error(made.problem);
  for (const [id, webhook] of made.state.webhooks) world.state.webhooks.set(id, webhook);
  return world;
}

test("docs/gitops.md shows what is printed, from the beginning to the release", async () => {
  const world = organisation();
  const init =
    "reconcile init --owner telephony --from github:example/reconcile#5f1c0e9a2b7d4f6830c9e1a4b2d7f5068c3e9a1b";
  await walk(init, "Begin", { from: world });
  await walk("reconcile doctor --skip-endpoints", "Begin", { from: world });
  await world.files.remove("subscriptions/example.yaml");
  await walk("reconcile import", "Take over", { from: world });
  await world.files.remove("subscriptions/wallboard-eu.yaml");
  await walk("reconcile plan --adopt", "Take over", { from: world });
  await walk("reconcile --adopt", "Take over", { from: world });
  await walk("reconcile plan", "Take over", { from: world });

  const taken = world.files.text("/subscriptions/analytics.yaml");
  const crm = "https://crm.example.com/hooks/genesys";
  disable(world, crm);
  await edit(world, "subscriptions/analytics.yaml", (manifest) =>
    manifest
      .replace(
        /( +)- \{ url: \S+genesys-3, weight: 2 \}\n/,
        "$&$1- { url: https://pipeline.example.com/genesys-4, weight: 5 }\n",
      )
      .replace(/( +)- conversation\.chat\.ended\n/, "$&$1- conversation.email.connected\n"),
  );
  await walk("reconcile plan --out plan.json", "Merge", { from: world });
  await walk("reconcile apply plan.json", "Merge", { from: world, commit: merged });
  const runId = trailOf(world.files).at(-1)?.runId ?? "";
  disable(world, crm);
  await walk("reconcile plan --detailed-exitcode", "Drift", { from: world });
  await runWorld({ argv: "sync", from: world, environment, commit: merged });
  const back = { from: world, runId, commit: merged, workingTree: restoring(world, taken) };
  await walk("reconcile rollback --run 1874dd0b --dry-run", "Take a merge back", back);
  await walk("reconcile rollback --run 1874dd0b --write-manifests", "Take a merge back", back);
  expect(world.files.text("/subscriptions/analytics.yaml")).toBe(taken);

  const manifest = world.files.text("/subscriptions/crm-sync.yaml");
  await world.files.remove("subscriptions/crm-sync.yaml");
  await world.files.write(
    "subscriptions/crm.yaml",
    manifest.replace("name: crm-sync", "name: crm").replace("spec:\n", "spec:\n  renamedFrom: crm-sync\n"),
  );
  await walk("reconcile plan", "Rename a group", { from: world });
  await runWorld({ argv: "sync", from: world, environment });
  await edit(world, "reconcile.yaml", (config) => config.replace(/^owner:.*/m, "owner: contact-centre"));
  await walk("reconcile sync --adopt-from telephony", "Rename the owner", { from: world });
  await walk("reconcile release --group analytics", "Uninstall", { from: world });
});
