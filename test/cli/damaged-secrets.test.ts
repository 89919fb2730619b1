// A secret that arrived damaged: what is mended, and what is said of the rest, never with a part of the secret.
import { expect, test } from "vitest";
import { startDaemon } from "../daemon/daemon.ts";
import { credentials, loggedIn, manifest, runWorld, trailPath } from "../support/world.ts";
import { started, trailOf } from "./trails.ts";

const { clientId, clientSecret } = credentials;
const files = { "subscriptions/a.yaml": manifest("alpha") };
const shortKey = "a-key-of-31-characters-in-total";
const longKey = "a-signing-key-of-tests-with-more-than-32-characters";

test("line ends around the id and the secret are taken off", async () => {
  const environment = { GENESYS_CLIENT_ID: `${clientId}\n`, GENESYS_CLIENT_SECRET: `${clientSecret}\r\n` };
  const { status, err } = await runWorld({ argv: "plan", environment, files });
  expect([status, err]).toEqual([0, ""]);
});

test("a secret of a line end alone counts as none", async () => {
  const environment = { GENESYS_CLIENT_ID: clientId, GENESYS_CLIENT_SECRET: "\n" };
  const { err } = await runWorld({ argv: "plan", environment, files });
  expect(err).toContain("error: GENESYS_CLIENT_SECRET is not set");
});

const damages: [string, Record<string, string>, Record<string, string>, string][] = [
  [
    "quotes that a tool kept",
    { ...loggedIn, GENESYS_CLIENT_SECRET: `"${clientSecret}"` },
    {},
    "GENESYS_CLIENT_SECRET begins or ends with a quotation mark, which a tool may have kept",
  ],
  [
    "blanks around it",
    { ...loggedIn, GENESYS_CLIENT_ID: ` ${clientId}` },
    {},
    "GENESYS_CLIENT_ID begins or ends with a blank",
  ],
  [
    "two lines",
    { ...loggedIn, GENESYS_CLIENT_SECRET: `${clientSecret}\nmore` },
    {},
    "GENESYS_CLIENT_SECRET has more than one line",
  ],
  [
    "a letter that is not ASCII",
    { ...loggedIn, GENESYS_CLIENT_SECRET: `${clientSecret}ü` },
    {},
    "GENESYS_CLIENT_SECRET holds a character that is not ASCII",
  ],
  [
    "a byte order mark",
    { GENESYS_CLIENT_ID: clientId, GENESYS_CLIENT_SECRET_FILE: "/secret" },
    { "/secret": `\uFEFF${clientSecret}` },
    "GENESYS_CLIENT_SECRET_FILE begins with a byte order mark, or is not in UTF-8",
  ],
  [
    "UTF-16",
    { GENESYS_CLIENT_ID: clientId, GENESYS_CLIENT_SECRET_FILE: "/secret" },
    { "/secret": clientSecret.replace(/./g, "$&\0") },
    "GENESYS_CLIENT_SECRET_FILE begins with a byte order mark, or is not in UTF-8",
  ],
  [
    "a # in .env",
    {},
    { ".env": `GENESYS_CLIENT_ID=${clientId}\nGENESYS_CLIENT_SECRET=first-part#${clientSecret}\n` },
    ".env cuts GENESYS_CLIENT_SECRET at a # or a quotation mark, unless the whole value is in quotes",
  ],
  [
    "a quotation mark within a quoted value in .env",
    {},
    { ".env": `GENESYS_CLIENT_ID=${clientId}\nexport GENESYS_CLIENT_SECRET="first"${clientSecret}"\n` },
    ".env cuts GENESYS_CLIENT_SECRET at a # or a quotation mark, unless the whole value is in quotes",
  ],
];

test.each(damages)("the hint of a refused login names %s", async (_what, environment, more, said) => {
  const { status, err } = await runWorld({ argv: "plan", environment, files: { ...files, ...more } });
  expect(err).toContain("[auth/invalidClient]");
  expect(err).toContain(`\n  = ${said}; check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET`);
  expect([status, err.includes("first")]).toEqual([1, false]);
});

test.each(damages)("doctor and a daemon's start name %s", async (_what, environment, more, said) => {
  const given = { environment, files: { ...files, ...more } };
  const { out } = await runWorld({ argv: "doctor --skip-endpoints", ...given });
  expect(out).toContain(said);
  const daemon = await startDaemon({ argv: "watch", ...given });
  expect(daemon.world.logged).toContain(`warn: ${said}`);
  await daemon.stop();
});

test("a sound login is doubted nowhere", async () => {
  const dotenv = `GENESYS_CLIENT_ID=${clientId} # of the team\nGENESYS_CLIENT_SECRET='${clientSecret}' # for tests\n`;
  const given = { environment: {}, files: { ...files, ".env": dotenv } };
  const { out } = await runWorld({ argv: "doctor --skip-endpoints", ...given });
  expect(out).toContain("✓ credentials");
  const daemon = await startDaemon({ argv: "watch", ...given });
  expect(daemon.world.logged.filter((line) => line.startsWith("warn"))).toEqual([]);
  await daemon.stop();
});

test("what .env cuts to nothing is named, too", async () => {
  const dotenv = `GENESYS_CLIENT_ID=${clientId}\nGENESYS_CLIENT_SECRET=#all-of-it\n`;
  const { err } = await runWorld({ argv: "plan", environment: {}, files: { ...files, ".env": dotenv } });
  expect(err).toContain("error: GENESYS_CLIENT_SECRET is not set");
  expect(err).toContain("  = .env cuts GENESYS_CLIENT_SECRET at a # or a quotation mark");
});

test("a .env in UTF-16 is an error that says so", async () => {
  const dotenv = `GENESYS_CLIENT_ID=${clientId}\n`.replace(/[^]/g, "$&\0");
  const { status, err } = await runWorld({
    argv: "plan",
    environment: {},
    files: { ...files, ".env": dotenv },
  });
  expect(err).toBe(
    "error: .env cannot be read (it is not text in UTF-8) [env/unreadable]\n  = save it as UTF-8, or move it away and set the variables in the environment\n",
  );
  expect(status).toBe(1);
});

test("where only Genesys' own names are set, the hint says how to hand them over", async () => {
  const environment = {
    GENESYSCLOUD_OAUTHCLIENT_ID: clientId,
    GENESYSCLOUD_OAUTHCLIENT_SECRET: clientSecret,
    GENESYSCLOUD_REGION: "eu-central-1",
  };
  const hint =
    "reconcile does not read the names that Genesys' own tools do: in a shell, hand their values over with " +
    'export GENESYS_CLIENT_ID="$GENESYSCLOUD_OAUTHCLIENT_ID" ' +
    'GENESYS_CLIENT_SECRET="$GENESYSCLOUD_OAUTHCLIENT_SECRET" GENESYS_ENVIRONMENT="$GENESYSCLOUD_REGION"; ' +
    "in a file, rename them so";
  const { err } = await runWorld({ argv: "plan", environment, files });
  expect(err).toContain(`are not set [credentials/missing]\n  = ${hint}\n`);
  const { out } = await runWorld({ argv: "doctor --skip-endpoints", environment, files });
  expect(out.replace(/\s+/g, " ")).toContain(hint);
});

test("a signing key below 32 characters signs no first record", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: shortKey };
  const { status, err, world } = await runWorld({ argv: "sync", environment, files });
  expect(err).toBe(
    "error: RECONCILE_AUDIT_KEY is shorter than 32 characters, so it signs nothing [audit/keyTooShort]\n" +
      "  = `openssl rand -hex 32` prints a good one\n\n",
  );
  expect(status).toBe(1);
  expect(world.files.paths().filter((path) => path.endsWith(trailPath))).toEqual([]);
  expect((await runWorld({ argv: "plan", environment, from: world })).status).toBe(0);
});

test("nor does it in a trail that is not signed yet", async () => {
  const { world: from } = await runWorld({ argv: "sync", files });
  const before = from.files.text(trailPath);
  from.files.set("subscriptions/b.yaml", manifest("beta"));
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: shortKey };
  const { status, err } = await runWorld({ argv: "sync", environment, from });
  expect([status, err.includes("[audit/keyTooShort]")]).toEqual([1, true]);
  expect(from.files.text(trailPath)).toBe(before);
});

test("where a short key has signed the trail, each sync warns of it", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: shortKey };
  const signed = trailOf([started("1")], shortKey);
  const { status, out } = await runWorld({
    ...{ argv: "sync", environment },
    files: { ...files, [trailPath]: signed },
  });
  expect(out).toContain(
    "warning: RECONCILE_AUDIT_KEY is shorter than 32 characters, and whoever guesses it can forge the records that it signed [audit/keyTooShort]\n",
  );
  expect(status).toBe(0);
});

test("doctor says of a short key and a short token that they are", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: shortKey, RECONCILE_HTTP_TOKEN: "short-token" };
  const { out } = await runWorld({ argv: "doctor --skip-endpoints", environment, files });
  expect(out).toContain("RECONCILE_AUDIT_KEY is shorter than 32 characters");
  expect(out).toContain("RECONCILE_HTTP_TOKEN is shorter than 32 characters");
});

test("a daemon does not listen with a token below 32 characters", async () => {
  const environment = { ...loggedIn, RECONCILE_HTTP_TOKEN: shortKey };
  const { status, err } = await runWorld({ argv: "watch", environment, files });
  expect(err).toContain("RECONCILE_HTTP_TOKEN is shorter than 32 characters");
  expect(status).toBe(1);
});

test("a key with quotes or blanks around it is named at a daemon's start", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: `'${longKey}'` };
  const daemon = await startDaemon({ argv: "watch", environment, files });
  expect(daemon.world.logged).toContain(
    "warn: RECONCILE_AUDIT_KEY begins or ends with a quotation mark, which a tool may have kept",
  );
  await daemon.stop();
});
