// The branch that a run's pull request goes to, by the variables of each CI system.
import { expect, test } from "vitest";
import { findBaseBranch } from "../../src/git/find-base-branch.ts";

const github = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request" };

test.each<[Record<string, string>, string | null]>([
  [{}, null],
  [{ CI: "true" }, null],
  [{ ...github, GITHUB_REF: "refs/pull/7/merge", GITHUB_BASE_REF: "release/2" }, "release/2"],
  [{ ...github, GITHUB_REF: "refs/pull/7/merge", GITHUB_BASE_REF: "" }, "HEAD"],
  [{ ...github, GITHUB_EVENT_NAME: "pull_request_target", GITHUB_BASE_REF: "main" }, "main"],
  [
    {
      ...github,
      GITHUB_EVENT_NAME: "merge_group",
      GITHUB_REF: "refs/heads/gh-readonly-queue/release/2/pr-7-0a1b2c",
    },
    "release/2",
  ],
  [{ ...github, GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main" }, null],
  [{ ...github, GITHUB_EVENT_NAME: "schedule", GITHUB_REF: "refs/heads/main" }, null],
  [{ GITLAB_CI: "true", CI_MERGE_REQUEST_IID: "7", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" }, "main"],
  [{ GITLAB_CI: "true", CI_COMMIT_BRANCH: "main" }, null],
  [
    {
      BUILD_BUILDURI: "vstfs:///1",
      SYSTEM_PULLREQUEST_PULLREQUESTID: "7",
      SYSTEM_PULLREQUEST_TARGETBRANCH: "refs/heads/main",
    },
    "main",
  ],
  [{ BITBUCKET_BUILD_NUMBER: "4", BITBUCKET_PR_ID: "7", BITBUCKET_PR_DESTINATION_BRANCH: "main" }, "main"],
  [{ BUILDKITE: "true", BUILDKITE_PULL_REQUEST: "7", BUILDKITE_PULL_REQUEST_BASE_BRANCH: "main" }, "main"],
  [{ BUILDKITE: "true", BUILDKITE_PULL_REQUEST: "false", BUILDKITE_PULL_REQUEST_BASE_BRANCH: "" }, null],
  [{ CIRCLECI: "true", CIRCLE_PULL_REQUEST: "https://github.com/acme/a/pull/7" }, "HEAD"],
  [
    {
      CODEBUILD_BUILD_ID: "a:1",
      CODEBUILD_WEBHOOK_EVENT: "PULL_REQUEST_UPDATED",
      CODEBUILD_WEBHOOK_BASE_REF: "refs/heads/main",
    },
    "main",
  ],
  [{ CODEBUILD_BUILD_ID: "a:1", CODEBUILD_WEBHOOK_EVENT: "PUSH" }, null],
  [
    { DRONE: "true", DRONE_BUILD_NUMBER: "4", DRONE_PULL_REQUEST: "7", DRONE_TARGET_BRANCH: "main" },
    "main",
  ],
  [{ DRONE: "true", DRONE_BUILD_NUMBER: "4", DRONE_TARGET_BRANCH: "main" }, null],
  [{ JENKINS_URL: "https://ci.example.com", CHANGE_ID: "7", CHANGE_TARGET: "main" }, "main"],
  [{ TRAVIS: "true", TRAVIS_PULL_REQUEST: "7", TRAVIS_BRANCH: "main" }, "main"],
  [{ TRAVIS: "true", TRAVIS_PULL_REQUEST: "false", TRAVIS_BRANCH: "main" }, null],
])("%o", (variables, expected) => {
  expect(findBaseBranch(variables)).toBe(expected);
});
