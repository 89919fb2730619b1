// Hostile files and variables around a pass: `.env`, the config, manifests, links and folders in place of files.
import { storedIn } from "../support/kinds.ts";
import type { MemoryFiles } from "../support/memory-files.ts";
import { loggedIn, manifest, trailPath } from "../support/world.ts";
import { checkAfterwards } from "./afterwards.ts";
import { makeFamily, playAll, type Played, type Row } from "./family.ts";
import { attack, unexcused, type Attacked } from "./observe.ts";
import { copyOf, kindsOf, manifestPath, pass, stageOf, type Stage } from "./stage.ts";

/**
 * `asHonest`: as if nothing had been planted. `refused`: exit 1 before any request. `harmless`: whatever comes of it, no
 * file is touched but the trail, what is set aside of it, and the state directory.
 */
type Must = "asHonest" | "refused" | "harmless";

interface SettingRow extends Row {
  readonly must: Must;
  readonly plant: (files: MemoryFiles) => void;
  readonly environment?: Readonly<Record<string, string>>;
}

type Plant = SettingRow["plant"];

const file =
  (path: string, text: string): Plant =>
  (files) => {
    files.set(path, text);
  };
const dotenv = (text: string): Plant => file(".env", text);
const config = (text: string): Plant =>
  file("reconcile.yaml", `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${text}`);
const another = (text: string): Plant => file(manifestPath("zeta"), text);
const link =
  (path: string, target: string): Plant =>
  (files) => {
    if (files.paths().includes(`/${path}`)) files.take(path);
    files.link(path, target);
  };
const folder =
  (path: string): Plant =>
  (files) => {
    if (files.paths().includes(`/${path}`)) files.take(path);
    files.set(`${path}/inside`, "x");
  };
/** Takes away a folder with all that is in it. */
function emptyFolder(files: MemoryFiles, path: string): void {
  for (const one of files.paths()) if (one.startsWith(`/${path}/`)) files.take(one);
  files.makeDirectory(path);
  files.take(path);
}
/** A file where a folder was. */
const inPlaceOf =
  (path: string): Plant =>
  (files) => {
    emptyFolder(files, path);
    files.set(path, "x");
  };
const lock = (name: string, text: string): Plant => file(`.reconcile/${name}`, text);
const zeta = manifest("zeta");

const rows = (must: Must, entries: Readonly<Record<string, Plant>>): readonly SettingRow[] =>
  Object.entries(entries).map(([name, plant]) => ({ name, must, plant }));

export const settingRows: readonly SettingRow[] = [
  ...rows("asHonest", {
    ".env: another API": dotenv("GENESYS_API_URL=https://evil.example.com\n"),
    ".env: another login": dotenv("GENESYS_TOKEN_URL=https://evil.example.com/oauth/token\n"),
    ".env: another region": dotenv("GENESYS_ENVIRONMENT=evil.example.com\n"),
    ".env: a proxy": dotenv("HTTPS_PROXY=http://evil.example.com:1\nALL_PROXY=http://evil.example.com:1\n"),
    ".env: another secret": dotenv("GENESYS_CLIENT_SECRET=another-secret-of-mallory\n"),
    ".env: a key for the trail": dotenv("RECONCILE_AUDIT_KEY=known-to-mallory\n"),
    ".env: variables of Node and Git": dotenv("NODE_OPTIONS=--inspect\nGIT_SSH_COMMAND=sh\nGIT_DIR=/tmp\n"),
    ".env: __proto__": dotenv("__proto__=x\nconstructor=y\ntoString=z\n"),
    ".env: NUL and control characters": dotenv("A=\u0000\u001b[2J\u202e\nB='\r\n"),
    ".env: a line of 900 KB": dotenv(`A=${"x".repeat(900_000)}\n`),
    ".env: no line at all": dotenv("\u0001\u0002"),
    "lock: a number too large": lock("lock.99999999999999999999", "x"),
    "lock: no number": lock("lock.x", "x"),
    "lock: of a dead process, of 1970": lock(
      "lock.7",
      '{"pid":99,"host":"host","machine":"machine","since":"1970-01-01T00:00:00.000Z"}',
    ),
    "lock: nonsense": lock("lock.7", "\u0000{"),
    "lock: JSON of another shape": lock("lock.7", '[{"pid":{}}]'),
    "state: a file that nobody knows": file(".reconcile/unknown", "x"),
    "state: a catalogue of nonsense": file(".reconcile/catalog.json", "\u0000{"),
    "state: figures of nonsense": file(".reconcile/metrics.json", '{"__proto__":{"x":1}}'),
  }),
  ...rows("refused", {
    "lock: 1 MB": lock("lock.7", "x".repeat(1_000_000)),
    "config: an unknown key": config("evil: true\n"),
    "config: another region": config("environment: evil.example.com\n"),
    "config: a share of 0": config("rateShare: 0\n"),
    "config: a share of 1e99": config("rateShare: 1e99\n"),
    "config: a share of .nan": config("rateShare: .nan\n"),
    "config: an owner with a marker": config('owner: "x) | Managed by: reconcile (y"\n'),
    "config: an owner with a line break": config('owner: "x\\ny"\n'),
    "config: two documents": config("owner: a\n---\nowner: b\n"),
    "config: a key twice": config("owner: a\nowner: b\n"),
    "config: an alias bomb": config("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
    "config: a tag": config("owner: !!js/function 'x'\n"),
    "config: 100,000 deep": config(`a: ${"[".repeat(100_000)}\n`),
    "config: no YAML": file("reconcile.yaml", "\u0000\u0001"),
    "config: a list": file("reconcile.yaml", "- a\n"),
    "config: 3 MB": config(`# ${"x".repeat(3_000_000)}\n`),
    "config: a merge key": config("<<: {owner: evil}\n"),
    "config: __proto__": config("__proto__: {owner: evil}\n"),
    "config: the trail is a list": config("audit: { file: [x] }\n"),
    "manifest: a group with a path": another(zeta.replace("name: zeta", "name: ../../zeta")),
    "manifest: a group with a marker": another(
      zeta.replace("name: zeta", 'name: "zeta | Managed by: reconcile (others)"'),
    ),
    "manifest: the group of another": another(zeta.replace("name: zeta", "name: alpha")),
    "manifest: an endpoint with a login": another(
      zeta.replace("https://", "https://user:password-of-zeta@"),
    ),
    "manifest: an endpoint in clear": another(zeta.replace("https://", "http://")),
    "manifest: an endpoint of a script": another(zeta.replace(/https:\S+/, "javascript:alert(1)")),
    "manifest: no event type": another(zeta.replace(/eventTypes: .*/, "eventTypes: []")),
    "manifest: an event type with control characters": another(zeta.replace("a.created", '"a\\u001b[2J"')),
    "manifest: an alias bomb": another(`${zeta}x: &a [y]\nz: [*a, *a]\n`),
    "manifest: 3 MB": another(`${zeta}# ${"x".repeat(3_000_000)}\n`),
    "manifest: 100,000 deep": another(`a: ${"[".repeat(100_000)}\n`),
    "manifest: not UTF-8": (files) => {
      files.set(manifestPath("zeta"), Uint8Array.from([0xff, 0xfe, 0x00, 0xd8]));
    },
    "manifest: __proto__ with all keys": another(`__proto__:\n${zeta.replace(/^/gm, "  ")}`),
    "manifest: a link that leads nowhere": link(manifestPath("zeta"), "/nowhere"),
    "manifest: a link to itself": link(manifestPath("zeta"), "zeta.yaml"),
    "manifest: a link to a secret": link(manifestPath("zeta"), "/authorized_keys"),
  }),
  ...rows("harmless", {
    "config: the manifests are the root": config("manifests: /\n"),
    "config: the manifests are above": config("manifests: ../../..\n"),
    "config: the trail is a folder": config("audit: { file: subscriptions }\n"),
    "config: the trail has a NUL in its name": config('audit: { file: "a\\0b" }\n'),
    "link: the manifests lead to the root": (files) => {
      emptyFolder(files, "subscriptions");
      files.link("subscriptions", "/");
    },
    "link: .env leads to itself": link(".env", ".env"),
    "link: the config leads to itself": link("reconcile.yaml", "reconcile.yaml"),
    "folder: .env": folder(".env"),
    "folder: the config": folder("reconcile.yaml"),
    "folder: the trail": folder(trailPath),
    "folder: the place for what is set aside": folder(`${trailPath}.torn`),
    "folder: the next lock": folder(".reconcile/lock.2"),
    "folder: a lock": folder(".reconcile/lock.9"),
    "file: the state directory": inPlaceOf(".reconcile"),
    "file: the trail's folder": inPlaceOf("audit-logs"),
  }),
  {
    name: "config: the trail is a lock",
    must: "refused",
    plant: config("audit: { file: .reconcile/lock.1 }\n"),
  },
  {
    name: "link: the trail leads to a README",
    must: "harmless",
    plant: link(trailPath, "/README.md"),
  },
  {
    name: "link: the trail leads to keys",
    must: "harmless",
    plant: link(trailPath, "/authorized_keys"),
  },
  {
    name: "config: the trail is a README",
    must: "harmless",
    plant: config("audit: { file: README.md }\n"),
  },
  {
    name: "config: the trail is above",
    must: "harmless",
    plant: config("audit: { file: ../authorized_keys }\n"),
  },
  {
    name: "config: the trail is a manifest",
    must: "harmless",
    plant: config("audit: { file: subscriptions/beta.yaml }\n"),
  },
  {
    name: "variables: the API in clear",
    must: "refused",
    plant: () => undefined,
    environment: { GENESYS_API_URL: "http://api.example.com" },
  },
  {
    name: "variables: the API is no URL",
    must: "refused",
    plant: () => undefined,
    environment: { GENESYS_API_URL: "\u0000" },
  },
  {
    name: "variables: the login has a login",
    must: "refused",
    plant: () => undefined,
    environment: { GENESYS_TOKEN_URL: "ftp://a:b@example.com" },
  },
  {
    name: "variables: the region is a path",
    must: "refused",
    plant: () => undefined,
    environment: { GENESYS_ENVIRONMENT: "../../evil" },
  },
  {
    name: "variables: no secret",
    must: "refused",
    plant: () => undefined,
    environment: { GENESYS_CLIENT_SECRET: "" },
  },
];

export const settings = makeFamily("settings", settingRows, (row, extent) =>
  playAll(kindsOf(row, extent).map((kind) => async () => playSetting(row, await stageOf(kind)))),
);

/** Files beside the manifests, which no command may touch. */
const bystanders = {
  "/README.md": "# A project\n\nThe last line has no newline at its end",
  "/authorized_keys": "ssh-ed25519 AAAA somebody@somewhere\nssh-ed25519 BBBB\n",
};

async function playSetting({ must, plant, environment = {} }: SettingRow, stage: Stage): Promise<Played> {
  const from = copyOf(stage.world);
  for (const [path, text] of Object.entries(bystanders)) from.files.set(path, text);
  plant(from.files);
  const before = textsOf(from.files);
  const attacked = await attack({ argv: pass, from, environment: { ...loggedIn, ...environment } });
  const faults = [
    ...unexcused(attacked),
    ...demand(must, attacked, stage),
    ...touchedIn(before, textsOf(from.files)),
    // A plain `state directory` stands in the way until somebody removes it.
    ...(must === "asHonest" ? await checkAfterwards(from, stage.kind) : []),
  ];
  return { attacks: 1, faults: faults.map((fault) => `${stage.kind.nouns}: ${fault}`) };
}

function demand(must: Must, { status, out, err, world }: Attacked, stage: Stage): readonly string[] {
  const said = `${out.slice(0, 300)}${err.slice(0, 300)}`;
  if (must === "harmless") return [];
  if (must === "refused") {
    if (status === 1 && world.requests.length === 0) return [];
    return [`it ends with status ${String(status)} after ${world.requests.length} requests: ${said}`];
  }
  const isSame = JSON.stringify(storedIn(world)) === JSON.stringify(stage.expected);
  return status === 0 && isSame ? [] : [`it is not as after an honest pass (${String(status)}): ${said}`];
}

function textsOf(files: MemoryFiles): ReadonlyMap<string, string> {
  return new Map(files.paths().map((path) => [path, files.text(path)] as const));
}

function touchedIn(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths]
    .filter((path) => !/^\/\.reconcile|^\/audit-logs\/|\.lock\.\d+$/.test(path))
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path} is touched`);
}
