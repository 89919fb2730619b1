// Orphans alone open the drift issue; a pull request's comment tells of those that it makes, and of no others.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startGitHub, type FakeGitHub } from "./fake-github.ts";

type Tell = (
  news: Readonly<Record<string, unknown>>,
  about: {
    readonly token: string;
    readonly folder: string;
    readonly onChange?: (topic: string, link: string) => void;
  },
) => Promise<string>;

let github: FakeGitHub;
let tell: { readonly tellIssue: Tell; readonly tellPullRequest: Tell };
/** TypeScript does not look it up, because the action has no types. */
const actionFile = join(import.meta.dirname, "../../action/tell.mjs");
const about = { token: "t", folder: "" };
const news = {
  markdown: "<!-- reconcile -->\n**1 webhook of a group without a manifest goes on delivering.**",
  ...{ hasChanges: false, hasOrphans: true, hasNewOrphans: false, isOk: true },
};

beforeAll(async () => {
  github = await startGitHub();
  github.permissions.set("t", { issues: "write", "pull-requests": "write" });
  vi.stubEnv("GITHUB_API_URL", github.url);
  const event = join(mkdtempSync(join(tmpdir(), "reconcile-")), "event.json");
  writeFileSync(event, JSON.stringify({ pull_request: { number: 7 } }));
  vi.stubEnv("GITHUB_EVENT_PATH", event);
  vi.stubEnv("GITHUB_REPOSITORY", "acme/telephony");
  tell = (await import(actionFile)) as typeof tell;
});
afterAll(() => {
  vi.unstubAllEnvs();
  github.close();
});

test("the issue is opened for orphans, and closed once there are none", async () => {
  expect(await tell.tellIssue(news, about)).toMatch(/^Issue #\d+ was opened/);
  expect(await tell.tellIssue(news, about)).toMatch(/is already up to date\.$/);
  expect(await tell.tellIssue({ ...news, hasOrphans: false }, about)).toMatch(/was closed/);
});

test("the message about the issue is of its opening and of its closing alone", async () => {
  vi.stubEnv("GITHUB_SERVER_URL", "https://github.example.com");
  const changes: (readonly [string, string])[] = [];
  const onChange = (topic: string, link: string): unknown => changes.push([topic, link]);
  for (const hasOrphans of [false, true, true, false, false])
    await tell.tellIssue({ ...news, hasOrphans }, { ...about, onChange });
  const link = expect.stringMatching(
    /^https:\/\/github\.example\.com\/acme\/telephony\/issues\/\d+$/,
  ) as string;
  expect(changes).toEqual([
    ["drift", link],
    ["recovery", link],
  ]);
});

test("a pull request is told of the orphans that it makes", async () => {
  expect(await tell.tellPullRequest(news, about)).toMatch(/so there is no comment\.$/);
  const own = { ...news, hasNewOrphans: true };
  expect(await tell.tellPullRequest(own, about)).toBe("The pull request has a new comment.");
});
