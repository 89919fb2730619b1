// The CI systems that reconcile knows, and the variables by which each describes its runs. The address beside each system
// is the page of its vendor that documents them.

export type Variables = Readonly<Record<string, string | undefined>>;

/** Returns a variable's value; empty if it is not set. */
export type ValueOf = (name: string) => string;

export interface CiSystem {
  readonly name: string;
  /** The variable that this system sets in its runs, and no other system does. */
  readonly sign: string;
  readonly run: string;
  /** The repository; several variables are joined by a slash. */
  readonly repository?: readonly string[];
  /** The person who started the run; the first of these variables that is set. */
  readonly startedBy?: readonly string[];
  /** The person who let a run go on that was waiting for approval. */
  readonly approvedBy?: string;
  /** The variable with the address of the run's page, or a function that makes it of several. */
  readonly url?: string | ((valueOf: ValueOf) => string);
  /** The number of the pull request that the run belongs to; empty in any other run. */
  readonly pullRequest?: (valueOf: ValueOf) => string;
  /** The branch that the run's pull request goes to; empty in any other run. */
  readonly baseBranch?: (valueOf: ValueOf) => string;
}

export const ciSystems: readonly CiSystem[] = [
  {
    // https://docs.github.com/actions/reference/workflows-and-actions/variables
    name: "GitHub Actions",
    sign: "GITHUB_ACTIONS",
    run: "GITHUB_RUN_ID",
    repository: ["GITHUB_REPOSITORY"],
    // In a run that another person started again, GITHUB_ACTOR still names the first one.
    startedBy: ["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
    // GitHub tells only its API's callers, so the action asks, and sets this variable.
    approvedBy: "RECONCILE_APPROVED_BY",
    url: (valueOf) => {
      const attempt = valueOf("GITHUB_RUN_ATTEMPT");
      const parts = [valueOf("GITHUB_SERVER_URL"), valueOf("GITHUB_REPOSITORY"), "actions/runs"];
      return joinUrl(
        [...parts, valueOf("GITHUB_RUN_ID")],
        Number(attempt) > 1 ? `/attempts/${attempt}` : "",
      );
    },
    pullRequest: (valueOf) =>
      // A merge queue builds on a branch of its own, which names the pull request.
      /^refs\/(?:pull\/|heads\/gh-readonly-queue\/.+\/pr-)(\d+)[/-]/.exec(valueOf("GITHUB_REF"))?.[1] ?? "",
    baseBranch: (valueOf) =>
      valueOf("GITHUB_BASE_REF") ||
      (/^refs\/heads\/gh-readonly-queue\/(.+)\/pr-\d+-/.exec(valueOf("GITHUB_REF"))?.[1] ?? ""),
  },
  {
    // https://docs.gitlab.com/ci/variables/predefined_variables/
    name: "GitLab CI/CD",
    sign: "GITLAB_CI",
    run: "CI_PIPELINE_ID",
    repository: ["CI_PROJECT_PATH"],
    // In a manual job this is the person who started the job.
    startedBy: ["GITLAB_USER_LOGIN"],
    url: "CI_PIPELINE_URL",
    pullRequest: (valueOf) => valueOf("CI_MERGE_REQUEST_IID"),
    baseBranch: (valueOf) => valueOf("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
  },
  {
    // https://learn.microsoft.com/azure/devops/pipelines/build/variables
    name: "Azure Pipelines",
    sign: "BUILD_BUILDURI",
    run: "BUILD_BUILDNUMBER",
    repository: ["BUILD_REPOSITORY_NAME"],
    startedBy: ["BUILD_REQUESTEDFOR"],
    url: (valueOf) => {
      const project = encodeURIComponent(valueOf("SYSTEM_TEAMPROJECT"));
      const parts = [valueOf("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"), project, "_build/results?buildId="];
      const id = valueOf("BUILD_BUILDID");
      return id === "" ? "" : joinUrl(parts, id);
    },
    // In Azure Repos the number is the id.
    pullRequest: (valueOf) =>
      valueOf("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER") || valueOf("SYSTEM_PULLREQUEST_PULLREQUESTID"),
    baseBranch: (valueOf) => withoutHeads(valueOf("SYSTEM_PULLREQUEST_TARGETBRANCH")),
  },
  {
    // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
    name: "Bitbucket Pipelines",
    sign: "BITBUCKET_BUILD_NUMBER",
    run: "BITBUCKET_BUILD_NUMBER",
    repository: ["BITBUCKET_REPO_FULL_NAME"],
    startedBy: ["BITBUCKET_STEP_TRIGGERER_UUID"],
    url: (valueOf) => {
      const results = [valueOf("BITBUCKET_REPO_FULL_NAME"), "pipelines/results"];
      return joinUrl(["https://bitbucket.org", ...results, valueOf("BITBUCKET_BUILD_NUMBER")]);
    },
    pullRequest: (valueOf) => valueOf("BITBUCKET_PR_ID"),
    baseBranch: (valueOf) => valueOf("BITBUCKET_PR_DESTINATION_BRANCH"),
  },
  {
    // https://buildkite.com/docs/pipelines/configure/environment-variables
    name: "Buildkite",
    sign: "BUILDKITE",
    run: "BUILDKITE_BUILD_NUMBER",
    repository: ["BUILDKITE_ORGANIZATION_SLUG", "BUILDKITE_PIPELINE_SLUG"],
    startedBy: ["BUILDKITE_BUILD_CREATOR"],
    approvedBy: "BUILDKITE_UNBLOCKER",
    url: "BUILDKITE_BUILD_URL",
    // It is `false` in any other build.
    pullRequest: (valueOf) => valueOf("BUILDKITE_PULL_REQUEST"),
    baseBranch: (valueOf) => valueOf("BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
  },
  {
    // https://circleci.com/docs/reference/variables/
    name: "CircleCI",
    sign: "CIRCLECI",
    run: "CIRCLE_BUILD_NUM",
    repository: ["CIRCLE_PROJECT_USERNAME", "CIRCLE_PROJECT_REPONAME"],
    startedBy: ["CIRCLE_USERNAME"],
    url: "CIRCLE_BUILD_URL",
    // It is the address of the pull request.
    pullRequest: (valueOf) => /\/(\d+)$/.exec(valueOf("CIRCLE_PULL_REQUEST"))?.[1] ?? "",
  },
  {
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
    name: "AWS CodeBuild",
    sign: "CODEBUILD_BUILD_ID",
    run: "CODEBUILD_BUILD_ID",
    startedBy: ["CODEBUILD_INITIATOR"],
    url: "CODEBUILD_PUBLIC_BUILD_URL",
    baseBranch: (valueOf) =>
      valueOf("CODEBUILD_WEBHOOK_EVENT").startsWith("PULL_REQUEST")
        ? withoutHeads(valueOf("CODEBUILD_WEBHOOK_BASE_REF"))
        : "",
  },
  {
    // https://docs.drone.io/pipeline/environment/reference/
    name: "Drone",
    sign: "DRONE",
    run: "DRONE_BUILD_NUMBER",
    repository: ["DRONE_REPO_OWNER", "DRONE_REPO_NAME"],
    url: "DRONE_BUILD_LINK",
    pullRequest: (valueOf) => valueOf("DRONE_PULL_REQUEST"),
    baseBranch: (valueOf) => (valueOf("DRONE_PULL_REQUEST") === "" ? "" : valueOf("DRONE_TARGET_BRANCH")),
  },
  {
    // https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables, and for the person
    // https://plugins.jenkins.io/build-user-vars-plugin/, because Jenkins alone does not tell.
    name: "Jenkins",
    sign: "JENKINS_URL",
    run: "BUILD_NUMBER",
    repository: ["JOB_NAME"],
    startedBy: ["BUILD_USER_ID", "BUILD_USER"],
    url: "BUILD_URL",
    // A multibranch project sets it: https://plugins.jenkins.io/branch-api/
    pullRequest: (valueOf) => valueOf("CHANGE_ID"),
    baseBranch: (valueOf) => valueOf("CHANGE_TARGET"),
  },
  {
    // https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html
    name: "TeamCity",
    sign: "TEAMCITY_VERSION",
    run: "BUILD_NUMBER",
    repository: ["TEAMCITY_BUILDCONF_NAME"],
    url: "BUILD_URL",
  },
  {
    // https://docs.travis-ci.com/user/environment-variables/
    name: "Travis CI",
    sign: "TRAVIS",
    run: "TRAVIS_BUILD_NUMBER",
    repository: ["TRAVIS_REPO_SLUG"],
    url: "TRAVIS_BUILD_WEB_URL",
    // It is `false` in any other build.
    pullRequest: (valueOf) => valueOf("TRAVIS_PULL_REQUEST"),
    // In a build of a pull request it is the branch that this goes to.
    baseBranch: (valueOf) => (/^\d+$/.test(valueOf("TRAVIS_PULL_REQUEST")) ? valueOf("TRAVIS_BRANCH") : ""),
  },
];

function withoutHeads(ref: string): string {
  return ref.replace(/^refs\/heads\//, "");
}

/** Joins an address of its parts; empty if one of them is. */
function joinUrl(parts: readonly string[], end = ""): string {
  return parts.includes("") ? "" : `${parts.map((part) => part.replace(/\/$/, "")).join("/")}${end}`;
}
