// What the trail says of a run in CI.
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
  expect(describeCiRun(variables)).toBe(expected);
});
