// Names the run of a CI system that this is part of, by the variables that the system sets.

type Variables = Readonly<Record<string, string | undefined>>;

interface CiSystem {
  readonly name: string;
  /** The variable that this system sets in its runs, and no other system does. */
  readonly sign: string;
  readonly run: string;
  /** The repository; several variables are joined by a slash. */
  readonly repository?: readonly string[];
  readonly actor?: string;
}

const systems: readonly CiSystem[] = [
  {
    name: "GitHub Actions",
    sign: "GITHUB_ACTIONS",
    run: "GITHUB_RUN_ID",
    repository: ["GITHUB_REPOSITORY"],
    actor: "GITHUB_ACTOR",
  },
  {
    name: "GitLab CI/CD",
    sign: "GITLAB_CI",
    run: "CI_PIPELINE_ID",
    repository: ["CI_PROJECT_PATH"],
    actor: "GITLAB_USER_LOGIN",
  },
  {
    name: "Azure Pipelines",
    sign: "BUILD_BUILDURI",
    run: "BUILD_BUILDNUMBER",
    repository: ["BUILD_REPOSITORY_NAME"],
    actor: "BUILD_REQUESTEDFOR",
  },
  {
    name: "Bitbucket Pipelines",
    sign: "BITBUCKET_BUILD_NUMBER",
    run: "BITBUCKET_BUILD_NUMBER",
    repository: ["BITBUCKET_REPO_FULL_NAME"],
  },
  {
    name: "Buildkite",
    sign: "BUILDKITE",
    run: "BUILDKITE_BUILD_NUMBER",
    repository: ["BUILDKITE_ORGANIZATION_SLUG", "BUILDKITE_PIPELINE_SLUG"],
    actor: "BUILDKITE_BUILD_CREATOR",
  },
  {
    name: "CircleCI",
    sign: "CIRCLECI",
    run: "CIRCLE_BUILD_NUM",
    repository: ["CIRCLE_PROJECT_USERNAME", "CIRCLE_PROJECT_REPONAME"],
    actor: "CIRCLE_USERNAME",
  },
  { name: "AWS CodeBuild", sign: "CODEBUILD_BUILD_ID", run: "CODEBUILD_BUILD_ID" },
  {
    name: "Drone",
    sign: "DRONE",
    run: "DRONE_BUILD_NUMBER",
    repository: ["DRONE_REPO_OWNER", "DRONE_REPO_NAME"],
  },
  { name: "Jenkins", sign: "JENKINS_URL", run: "BUILD_NUMBER", repository: ["JOB_NAME"] },
  {
    name: "TeamCity",
    sign: "TEAMCITY_VERSION",
    run: "BUILD_NUMBER",
    repository: ["TEAMCITY_BUILDCONF_NAME"],
  },
  { name: "Travis CI", sign: "TRAVIS", run: "TRAVIS_BUILD_NUMBER", repository: ["TRAVIS_REPO_SLUG"] },
];

/** Whether this is a run of one of these systems, or of another one that sets `CI`, as most do. */
export function isCiRun(variables: Variables): boolean {
  return Boolean(variables["CI"]) || systems.some(({ sign }) => variables[sign]);
}

/** `octocat in GitHub Actions acme/telephony 42`; null if this is not a run of one of these systems. */
export function describeCiRun(variables: Variables): string | null {
  const system = systems.find(({ sign }) => variables[sign]);
  if (!system) return null;
  const valueOf = (name: string): string => variables[name] ?? "";
  const actor = system.actor === undefined ? "" : valueOf(system.actor);
  const repository = (system.repository ?? []).map(valueOf).filter(Boolean).join("/");
  const where = [system.name, repository, valueOf(system.run)].filter(Boolean);
  return [...(actor === "" ? [] : [actor, "in"]), ...where].join(" ");
}
