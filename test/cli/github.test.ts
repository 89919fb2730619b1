// In GitHub Actions: the job's summary, and outputs for the next steps.
import { expect, test } from "vitest";
import { loggedIn, manifest, runWorld } from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const environment = {
  ...loggedIn,
  GITHUB_ACTIONS: "true",
  GITHUB_STEP_SUMMARY: "/runner/summary.md",
  GITHUB_OUTPUT: "/runner/output.txt",
};
const summary = "Plan: 1 to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move";

/** As the runner reads it. */
function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const pattern = /(\w+)<<(\S+)\n([^]*?)\n\2\n/y;
  for (let found = pattern.exec(text); found; found = pattern.exec(text))
    outputs[found[1] ?? ""] = found[3] ?? "";
  return outputs;
}

test("the Markdown is added to the job's summary, and whether there are changes to the outputs", async () => {
  const given = { ...files, "runner/summary.md": "before\n", "runner/output.txt": "other=1\n" };
  const { world } = await runWorld({ argv: "plan", files: given, environment });
  const markdown = await runWorld({ argv: "plan --output markdown", from: world, environment: loggedIn });
  expect(world.files.text("/runner/summary.md")).toBe(`before\n${markdown.out}\n`);
  const output = world.files.text("/runner/output.txt");
  expect(output.startsWith("other=1\n")).toBe(true);
  expect(outputsOf(output.slice("other=1\n".length))).toEqual({
    changes: "true",
    owner: "default",
    orphans: "0",
    newOrphans: "0",
    summary,
  });
  const again = await runWorld({ argv: "sync", from: world, environment });
  const rest = again.world.files.text("/runner/output.txt").slice(output.length);
  expect(outputsOf(rest)).toMatchObject({ changes: "true" });
  const quiet = await runWorld({ argv: "sync", from: world, environment });
  const last = quiet.world.files.text("/runner/output.txt").slice(output.length + rest.length);
  expect(outputsOf(last)).toMatchObject({ changes: "false" });
});

test("validate has them, too", async () => {
  const { world } = await runWorld({ argv: "validate", files, environment });
  expect(world.files.text("/runner/summary.md")).toBe("<!-- reconcile -->\n**1 manifest is valid**\n\n");
  expect(outputsOf(world.files.text("/runner/output.txt"))).toEqual({
    changes: "false",
    summary: "1 manifest is valid",
  });
});

test("nothing is written where GitHub does not run it, or names no files", async () => {
  for (const variables of [
    { GITHUB_ACTIONS: undefined },
    { GITHUB_OUTPUT: "", GITHUB_STEP_SUMMARY: undefined },
  ]) {
    const { world } = await runWorld({
      argv: "plan",
      files,
      environment: { ...environment, ...variables },
    });
    expect(world.files.paths()).toEqual(["/subscriptions/a.yaml"]);
  }
});

test("a file that cannot be written is a warning, and the exit status stays", async () => {
  const { world } = await runWorld({ argv: "validate", files });
  world.files.failNext("append", "EACCES");
  const { status, out, err } = await runWorld({ argv: "plan", from: world, environment });
  expect(status).toBe(0);
  const message =
    "the result was not handed to GitHub: the file that GITHUB_STEP_SUMMARY names cannot be written: permission denied";
  expect(out).toContain(`warning: ${message} [github/unwritable]`);
  expect(err).toContain(`::warning::${message}\n`);
  expect(outputsOf(world.files.text("/runner/output.txt"))).toEqual({
    changes: "true",
    owner: "default",
    orphans: "0",
    newOrphans: "0",
    summary,
  });
});
