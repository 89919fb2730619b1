// Two configs in one repository, such as those of test and production: each has its own comment and its own issue.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { bot, startGitHub, type FakeGitHub } from "./fake-github.ts";

type Tell = (
  news: Readonly<Record<string, unknown>>,
  about: { readonly token: string; readonly folder: string; readonly config?: string },
) => Promise<string>;

const actionFile = join(import.meta.dirname, "../../action/tell.mjs");
const tell = (await import(actionFile)) as { readonly tellIssue: Tell; readonly tellPullRequest: Tell };
const news = {
  markdown: "<!-- reconcile -->\n**A sync creates 1 webhook.**",
  ...{ hasChanges: true, hasOrphans: false, hasNewOrphans: false, isOk: true },
};
const token = "t";
const atRoot = { token, folder: "" };
const production = { ...atRoot, config: "env/prod.yaml" };
const event = join(mkdtempSync(join(tmpdir(), "reconcile-")), "event.json");
writeFileSync(event, JSON.stringify({ pull_request: { number: 7 } }));

let github: FakeGitHub;
beforeEach(async () => {
  github = await startGitHub();
  github.permissions.set(token, { issues: "write", "pull-requests": "write" });
  vi.stubEnv("GITHUB_API_URL", github.url);
  vi.stubEnv("GITHUB_EVENT_PATH", event);
  vi.stubEnv("GITHUB_REPOSITORY", "acme/telephony");
  return () => {
    github.close();
  };
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const firstLines = (): readonly (string | undefined)[] =>
  (github.comments.get(7) ?? []).map(({ body }) => body.split("\n")[0]);

test("a pull request has a comment for each, which names its config and owner", async () => {
  await tell.tellPullRequest({ ...news, owner: "test" }, atRoot);
  const created = await tell.tellPullRequest({ ...news, owner: "prod" }, production);
  expect(created).toBe("The pull request has a new comment.");
  expect(firstLines()).toEqual(["<!-- reconcile -->", "<!-- reconcile: env%2Fprod.yaml owner=prod -->"]);
  // Of a config that cannot be read nobody knows the owner; the comment is its own all the same.
  const broken = await tell.tellPullRequest(
    { ...news, markdown: "<!-- reconcile -->\nbroken" },
    production,
  );
  expect(broken).toBe("The pull request's comment was updated.");
  expect(firstLines()).toEqual(["<!-- reconcile -->", "<!-- reconcile: env%2Fprod.yaml -->"]);
});

test("the drift of each has its own issue, and one that agrees again closes its own alone", async () => {
  await tell.tellIssue({ ...news, owner: "test" }, atRoot);
  await tell.tellIssue({ ...news, owner: "prod" }, production);
  expect(github.issues.map(({ title }) => title)).toEqual([
    "Genesys Cloud is not as the manifests say",
    "Genesys Cloud is not as the manifests say (env/prod.yaml)",
  ]);
  await tell.tellIssue({ ...news, hasChanges: false }, production);
  expect(github.issues.map(({ state }) => state ?? "open")).toEqual(["open", "closed"]);
});

test.each([
  ["", undefined, "<!-- reconcile -->"],
  ["", "reconcile.yaml", "<!-- reconcile -->"],
  [".", "./reconcile.yaml", "<!-- reconcile -->"],
  ["teams/voice", undefined, "<!-- reconcile: teams%2Fvoice -->"],
  ["teams/voice", "reconcile.yaml", "<!-- reconcile: teams%2Fvoice -->"],
])("the comment of an earlier version is found: folder %j, config %j", async (folder, config, marker) => {
  const old = { number: 900, user: bot, body: `${marker}\nold` };
  github.comments.set(7, [old]);
  const told = await tell.tellPullRequest(
    { ...news, owner: "test" },
    { token, folder, ...(config ? { config } : {}) },
  );
  expect([told, github.comments.get(7)?.length]).toEqual(["The pull request's comment was updated.", 1]);
});

test("a config whose path begins with another's has its own comment", async () => {
  await tell.tellPullRequest({ ...news, owner: "x" }, { ...atRoot, config: "env/prod.yaml2" });
  await tell.tellPullRequest({ ...news, owner: "x" }, production);
  await tell.tellPullRequest({ ...news, owner: "x" }, { token, folder: "env", config: "other.yaml" });
  expect(firstLines()).toHaveLength(3);
});
