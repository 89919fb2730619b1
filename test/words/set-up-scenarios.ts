// The runs of the commands by which one begins: `init`, `catalog pull`, and `plan --explain`.
import { makeSend } from "../../src/genesys/client/send.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import { answer, manifest, type TestWorld, type WorldOptions } from "../support/world.ts";
import { alpha, of, type Scenario } from "./scenario.ts";

/** What a command with --sandbox needs of the world: no credentials, and a real port. */
export const aroundSandbox = { environment: {}, send: makeSend() } satisfies Partial<WorldOptions>;

const config = (line: string) => ({
  "reconcile.yaml": `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${line}\n`,
});

const example = "subscriptions/example.yaml";
const commit = "0123456789abcdef0123456789abcdef01234567";
const fromGithub = `init --from github:acme/reconcile#${commit}`;
const sum = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;

/** Each has one thing wrong. */
const badPlaces = [
  "reconcile@1.0.0",
  `https://ada@files.example.com/r.tgz#${sum}`,
  "https://files.example.com/r.tgz#sha256-x",
  `https://-o/r.tgz#${sum}`,
  "github:acme/reconcile#main",
  `github:reconcile#${commit}`,
];

export const init: readonly Scenario[] = [
  { given: "an empty folder", argv: "init", world: of({}), shows: ["reconcile.yaml", example] },
  { given: "the same again", argv: "init", world: of({}), before: ["init"] },
  ...["eventbridge", "workflow"].map((scheme) => ({
    given: `--scheme ${scheme}`,
    argv: `init --scheme ${scheme}`,
    world: of({}),
    shows: ["reconcile.yaml", example],
  })),
  {
    given: "--scheme route",
    argv: "init --scheme route",
    world: of({}),
    shows: ["reconcile.yaml", example],
  },
  {
    given: "--scheme route beside a config that does not ask for routes",
    argv: "init --scheme route",
    world: of(config("owner: voice")),
  },
  {
    given: "a person at a terminal",
    argv: "init",
    world: of({}),
    more: { terminal: true, answers: ["sqs", "workflow"] },
  },
  {
    given: "a person who chooses nothing",
    argv: "init",
    world: of({}),
    more: { terminal: true, answers: [""] },
  },
  { given: "a terminal that ends", argv: "init", world: of({}), more: { terminal: true, answers: [] } },
  { given: "a scheme that there is not", argv: "init --scheme sqs", world: of({}) },
  {
    given: "a subfolder of a repository",
    argv: "init",
    world: of({}),
    more: { repository: { folder: "teams/voice" } },
  },
  { given: "an owner that others may have, too", argv: "init --owner default", world: of({}) },
  { given: "an owner that cannot be one", argv: "init --owner a/b", world: of({}) },
  {
    given: "a config that names another folder",
    argv: "init",
    world: of(config("manifests: genesys/webhooks")),
  },
  { given: "a config under the wrong name", argv: "init", world: of({ "reconcile.yml": "" }) },
  { given: "a file in place of a folder", argv: "init", world: of({ subscriptions: "" }) },
  {
    given: "a disk that refuses",
    argv: "init",
    world: of({}),
    change: ({ files }) => {
      files.failNext("write", "EACCES");
    },
  },
  { given: "manifests that are there already", argv: "init --scheme workflow", world: of(alpha) },
  { given: "a place to get this package from", argv: fromGithub, world: of({}) },
  { given: "the same beside workflows that are there", argv: fromGithub, world: of({}), before: ["init"] },
  ...badPlaces.map((from) => ({
    given: "a place that cannot be one",
    argv: `init --from ${from}`,
    world: of({}),
  })),
];

const topics = [
  { id: "v2.users.{id}.presence", transports: ["All"] },
  { id: "v2.audits.entitytype.{id}.entityid.{id}", transports: ["EventBridge", "ProcessAutomation"] },
  { id: "v2.stations.{id}" },
];
const many = Array.from({ length: 30 }, (_, index) => ({
  id: `v2.new.n${String(index).padStart(2, "0")}`,
}));

/** `own`: the status of the list of the topics of triggers, which here has all topics. */
const offering = (status: number, body: Listing, own = 200): Partial<WorldOptions> => ({
  intercept: (request, forward) => {
    if (request.url.includes("availabletopics")) return answer(status, body);
    if (!request.url.includes("/triggers/topics")) return forward();
    const { entities, message } = body;
    const ids = (Array.isArray(entities) ? entities : []) as readonly { readonly id?: string }[];
    return answer(own, own === 200 ? { entities: ids.flatMap(({ id }) => id ?? []) } : { message });
  },
});

interface Listing {
  readonly entities?: unknown;
  readonly message?: string;
}

const pulls = (
  given: string,
  entities: unknown,
  files: Readonly<Record<string, string>> = {},
): Scenario => ({
  given,
  argv: "catalog pull",
  world: of(files),
  more: offering(200, { entities }),
});

const listed = {
  ...config("catalog: lists/topics.txt"),
  "lists/topics.txt": "v2.stations.{id}\nv2.users.{id}.presence # ours\nv2.gone.{id}\n",
};

export const catalog: readonly Scenario[] = [
  { ...pulls("no catalogue yet", topics), shows: ["event-types.txt"] },
  pulls("the config's catalogue", topics, listed),
  { ...pulls("the same again", topics, listed), before: ["catalog pull"] },
  {
    ...pulls("many new ones, with --dry-run", many, { "event-types.txt": "v2.old.one\n" }),
    argv: "catalog pull --dry-run",
  },
  {
    ...pulls("the same beside one that stays", [...many, { id: "v2.old.one" }], {
      "event-types.txt": "v2.old.one\n",
    }),
    argv: "catalog pull --dry-run",
  },
  {
    ...pulls("a file that is no catalogue", topics, { "run.sh": "#!/bin/sh\nrm -rf everything\n" }),
    argv: "catalog pull --out run.sh",
  },
  {
    ...pulls("a disk that refuses", topics),
    change: ({ files }) => {
      files.failNext("write", "EACCES");
    },
  },
  pulls("topics that no manifest could hold", [
    ...topics,
    { id: "no event type" },
    { id: "v2.a.b\nv2.c.d" },
  ]),
  pulls("no list", null),
  pulls("an empty list", []),
  pulls(
    "more than anybody offers",
    Array.from({ length: 2_001 }, () => topics[0]),
  ),
  pulls("a topic without a name", [topics[0], {}]),
  {
    ...pulls("a permission that is missing", topics),
    more: offering(403, { message: "not for you" }),
  },
  {
    ...pulls("no permission to read the topics of triggers", topics),
    more: offering(200, { entities: topics, message: "not for you" }, 403),
    shows: ["event-types.txt"],
  },
  {
    given: "the sandbox's topics",
    argv: "catalog pull --sandbox",
    world: of({}),
    more: aroundSandbox,
  },
];

const pool = [1, 2, 3].map((number) => `https://p.example.com/${number}`);
const five = ["e.a", "e.b", "e.c", "e.d", "e.e"];
const over = (from: number, to: number): string =>
  manifest("beta", { pool: pool.slice(from, to), eventTypes: five });
const beta = "subscriptions/beta.yaml";

/** A group over one endpoint of the kind, to be split over two. */
function growing(kind: TestKind): Scenario {
  const [one, two] = [kind.url(0), kind.url(1)];
  const text = (urls: readonly string[]): string =>
    manifest("alpha", { kind, pool: urls }).replace(kind.endpointOf("alpha"), one);
  return {
    given: `a group of ${kind.nouns} over one endpoint that is to be split over two`,
    argv: "plan --explain",
    world: of({ "subscriptions/alpha.yaml": text([one]) }),
    before: [""],
    change: ({ files }: TestWorld) => {
      files.set("subscriptions/alpha.yaml", text([one, two]));
    },
  };
}

export const explain: readonly Scenario[] = [
  { given: "a new group over a pool", argv: "plan --explain", world: of({ [beta]: over(0, 2) }) },
  {
    given: "nothing to do",
    argv: "plan --explain",
    world: of({ [beta]: over(0, 2) }),
    before: [""],
  },
  {
    given: "an endpoint that left the pool, and one that joined it",
    argv: "plan --explain",
    world: of({ [beta]: over(0, 2) }),
    before: [""],
    change: ({ files }) => {
      files.set(beta, over(1, 3));
    },
  },
  ...kinds.map(growing),
];
