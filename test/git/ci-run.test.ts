// What the trail says of a run in CI: where it ran, who started and approved it, and for which pull request.
import { expect, test } from "vitest";
import { describeCiRun } from "../../src/git/ci-run.ts";

test.each([
  [{ GITHUB_ACTIONS: "true", GITHUB_REPOSITORY: "acme/a", GITHUB_RUN_ID: "4" }, "GitHub Actions acme/a 4"],
  [
    { GITLAB_CI: "true", CI_PROJECT_PATH: "acme/a", CI_PIPELINE_ID: "4", GITLAB_USER_LOGIN: "ada" },
    "ada in GitLab CI/CD acme/a 4",
  ],
  [{ BUILD_BUILDURI: "vstfs:///1", BUILD_BUILDNUMBER: "4" }, "Azure Pipelines 4"],
  [{ BITBUCKET_BUILD_NUMBER: "4", BITBUCKET_REPO_FULL_NAME: "acme/a" }, "Bitbucket Pipelines acme/a 4"],
  [
    {
      CIRCLECI: "true",
      CIRCLE_PROJECT_USERNAME: "acme",
      CIRCLE_PROJECT_REPONAME: "a",
      CIRCLE_BUILD_NUM: "4",
    },
    "CircleCI acme/a 4",
  ],
  [{ JENKINS_URL: "https://ci.example.com", BUILD_NUMBER: "4" }, "Jenkins 4"],
  [{ TRAVIS: "true" }, "Travis CI"],
  [{ CI: "true" }, null],
  [{ GITHUB_ACTIONS: "" }, null],
])("%o", (variables, expected) => {
  const run = describeCiRun(variables);
  expect(run?.actor ?? null).toBe(expected);
  expect(run?.place ?? null).toBe(expected?.replace("ada in ", "") ?? null);
});

const github = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.example.com",
  GITHUB_REPOSITORY: "acme/a",
  GITHUB_RUN_ID: "42",
};
const azure = {
  BUILD_BUILDURI: "vstfs:///Build/Build/7",
  SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: "https://dev.azure.com/acme/",
  SYSTEM_TEAMPROJECT: "Contact Centre",
  BUILD_BUILDID: "7",
};

test.each([
  [github, { system: "GitHub Actions", url: "https://github.example.com/acme/a/actions/runs/42" }],
  [
    // The action sets the variable.
    { ...github, RECONCILE_APPROVED_BY: "grace" },
    {
      system: "GitHub Actions",
      url: "https://github.example.com/acme/a/actions/runs/42",
      approvedBy: "grace",
    },
  ],
  [
    { ...github, GITHUB_RUN_ATTEMPT: "2", GITHUB_ACTOR: "ada", GITHUB_TRIGGERING_ACTOR: "bob" },
    {
      system: "GitHub Actions",
      url: "https://github.example.com/acme/a/actions/runs/42/attempts/2",
      startedBy: "bob",
    },
  ],
  [
    { GITLAB_CI: "true", CI_PIPELINE_URL: "https://gitlab.example.com/a/-/pipelines/4" },
    { system: "GitLab CI/CD", url: "https://gitlab.example.com/a/-/pipelines/4" },
  ],
  [
    { ...azure, BUILD_REQUESTEDFOR: "Ada" },
    {
      system: "Azure Pipelines",
      url: "https://dev.azure.com/acme/Contact%20Centre/_build/results?buildId=7",
      startedBy: "Ada",
    },
  ],
  [{ ...azure, SYSTEM_TEAMPROJECT: "" }, { system: "Azure Pipelines" }],
  [
    {
      BITBUCKET_BUILD_NUMBER: "4",
      BITBUCKET_REPO_FULL_NAME: "acme/a",
      BITBUCKET_STEP_TRIGGERER_UUID: "{1a2b}",
    },
    {
      system: "Bitbucket Pipelines",
      url: "https://bitbucket.org/acme/a/pipelines/results/4",
      startedBy: "{1a2b}",
    },
  ],
  [
    {
      BUILDKITE: "true",
      BUILDKITE_BUILD_URL: "https://buildkite.com/acme/a/builds/4",
      BUILDKITE_BUILD_CREATOR: "Ada",
      BUILDKITE_UNBLOCKER: "Bob",
    },
    {
      system: "Buildkite",
      url: "https://buildkite.com/acme/a/builds/4",
      startedBy: "Ada",
      approvedBy: "Bob",
    },
  ],
  [
    { CIRCLECI: "true", CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/a/4", CIRCLE_USERNAME: "ada" },
    { system: "CircleCI", url: "https://circleci.com/gh/acme/a/4", startedBy: "ada" },
  ],
  [
    { JENKINS_URL: "https://ci", BUILD_URL: "https://ci/job/a/4/", BUILD_USER_ID: "ada" },
    { system: "Jenkins", url: "https://ci/job/a/4/", startedBy: "ada" },
  ],
])("the run, its page and its people: %o", (variables, expected) => {
  expect(describeCiRun(variables)?.provenance.ci).toEqual(expected);
});

test.each([
  [{ ...github, GITHUB_REF: "refs/pull/12/merge" }, "12"],
  [{ ...github, GITHUB_REF: "refs/heads/gh-readonly-queue/main/pr-12-0a1b2c" }, "12"],
  [{ ...github, GITHUB_REF: "refs/heads/release/2026" }, undefined],
  [{ GITLAB_CI: "true", CI_MERGE_REQUEST_IID: "12" }, "12"],
  [{ ...azure, SYSTEM_PULLREQUEST_PULLREQUESTID: "12" }, "12"],
  [{ BITBUCKET_BUILD_NUMBER: "4", BITBUCKET_PR_ID: "12" }, "12"],
  [{ BUILDKITE: "true", BUILDKITE_PULL_REQUEST: "12" }, "12"],
  [{ BUILDKITE: "true", BUILDKITE_PULL_REQUEST: "false" }, undefined],
  [{ CIRCLECI: "true", CIRCLE_PULL_REQUEST: "https://github.com/acme/a/pull/12" }, "12"],
  [{ JENKINS_URL: "https://ci", CHANGE_ID: "12" }, "12"],
])("the pull request: %o", (variables, expected) => {
  expect(describeCiRun(variables)?.provenance.pullRequest).toBe(expected);
});
