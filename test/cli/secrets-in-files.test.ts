// A secret in a file that NAME_FILE names: how it is read, what is refused, and when a daemon reads it again.
import { expect, test } from "vitest";
import { readEnvironment } from "../../src/app/environment.ts";
import type { HttpRequest } from "../../src/model/http.ts";
import { startDaemon } from "../daemon/daemon.ts";
import { answer, credentials, loggedIn, manifest, runWorld, type TestWorld } from "../support/world.ts";

const { clientId, clientSecret } = credentials;
const path = "/run/secrets/genesys";
const inFile = { GENESYS_CLIENT_ID: clientId, GENESYS_CLIENT_SECRET_FILE: path };
const manifests = { "subscriptions/a.yaml": manifest("alpha") };
const longKey = "a-signing-key-of-tests-with-more-than-32-characters";

test.each([
  ["no line end", clientSecret],
  ["a line end", `${clientSecret}\n`],
  ["the line end of Windows", `${clientSecret}\r\n`],
])("the client secret is read from a file with %s", async (_what, text) => {
  const { status, out, err } = await runWorld({
    ...{ argv: "plan", environment: inFile },
    files: { ...manifests, [path]: text },
  });
  expect([status, err]).toEqual([0, ""]);
  expect(out).toContain("Plan: 1 to create");
});

test("the client's id may stand in a file, too", async () => {
  const { status } = await runWorld({
    argv: "plan",
    environment: { GENESYS_CLIENT_ID_FILE: "/run/secrets/id", GENESYS_CLIENT_SECRET: clientSecret },
    files: { ...manifests, "/run/secrets/id": `${clientId}\n` },
  });
  expect(status).toBe(0);
});

test("the signing key is read from a file by a sync and by `audit verify`", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY_FILE: "/run/secrets/key" };
  const { world } = await runWorld({
    ...{ argv: "sync", environment },
    files: { ...manifests, "/run/secrets/key": `${longKey}\n` },
  });
  const verified = await runWorld({ argv: "audit verify --require-signed", environment, from: world });
  expect([verified.status, verified.err]).toEqual([0, ""]);
  const inVariable = { RECONCILE_AUDIT_KEY: longKey };
  const same = await runWorld({
    argv: "audit verify --require-signed",
    environment: inVariable,
    from: world,
  });
  expect(same.status).toBe(0);
});

const said = (problem: string, hint: string): string => `error: ${problem}\n  = ${hint}\n\n`;

test.each<[string, Record<string, string>, string]>([
  [
    "missing",
    {},
    said(
      "the file that GENESYS_CLIENT_SECRET_FILE names does not exist [secret/unreadable]",
      "set GENESYS_CLIENT_SECRET_FILE to the path of a file with the secret and nothing else",
    ),
  ],
  [
    "empty",
    { [path]: "\n" },
    said(
      "the file that GENESYS_CLIENT_SECRET_FILE names is empty [secret/empty]",
      "put the secret into it, and nothing else",
    ),
  ],
  [
    "a folder",
    { [`${path}/inside`]: clientSecret },
    said(
      "the file that GENESYS_CLIENT_SECRET_FILE names is a folder [secret/unreadable]",
      "set GENESYS_CLIENT_SECRET_FILE to the path of a file with the secret and nothing else",
    ),
  ],
  [
    "too big",
    { [path]: clientSecret.repeat(10_000) },
    said(
      "the file that GENESYS_CLIENT_SECRET_FILE names is larger than 64 KiB [secret/unreadable]",
      "set GENESYS_CLIENT_SECRET_FILE to the path of a file with the secret and nothing else",
    ),
  ],
])("a file that is %s is one error, and nothing is sent", async (_what, files, expected) => {
  const { status, err, world } = await runWorld({
    ...{ argv: "plan", environment: inFile },
    files: { ...manifests, ...files },
  });
  expect(err).toBe(expected);
  expect([status, world.requests]).toEqual([1, []]);
});

test("a file that this user may not read is named by its variable", async () => {
  const { world: from } = await runWorld({
    argv: "validate",
    files: { ...manifests, [path]: clientSecret },
  });
  from.files.before = (operation, at) => {
    if (operation === "read" && at === path) from.files.failNext("read", "EACCES");
  };
  const { status, err } = await runWorld({ argv: "plan", environment: inFile, from });
  expect(err).toBe(
    said(
      "the file that GENESYS_CLIENT_SECRET_FILE names cannot be read: permission denied [secret/unreadable]",
      "set GENESYS_CLIENT_SECRET_FILE to the path of a file with the secret and nothing else",
    ),
  );
  expect(status).toBe(1);
});

test("a secret that was set in the place of its path is not shown", async () => {
  const environment = { GENESYS_CLIENT_ID: clientId, GENESYS_CLIENT_SECRET_FILE: "the-secret-itself" };
  const { out, err } = await runWorld({ argv: "plan", environment, files: manifests });
  expect(out + err).not.toContain("the-secret-itself");
});

test.each(["GENESYS_CLIENT_SECRET", "RECONCILE_AUDIT_KEY"])(
  "%s and its file at once are an error",
  async (name) => {
    const environment = { ...loggedIn, [name]: longKey, [`${name}_FILE`]: path };
    const { status, err, world } = await runWorld({
      ...{ argv: "plan", environment },
      files: { ...manifests, [path]: longKey },
    });
    expect(err).toBe(
      said(
        `${name} and ${name}_FILE are both set [secret/givenTwice]`,
        "unset one of them, so that it is plain which one counts",
      ),
    );
    expect([status, world.requests]).toEqual([1, []]);
  },
);

test("every fault of the secrets is said at once", async () => {
  const environment = { ...inFile, RECONCILE_AUDIT_KEY_FILE: "/run/secrets/no-key" };
  const { err } = await runWorld({ argv: "plan", environment, files: manifests });
  expect(err).toContain("the file that GENESYS_CLIENT_SECRET_FILE names does not exist");
  expect(err).toContain("the file that RECONCILE_AUDIT_KEY_FILE names does not exist");
});

test("`audit verify` needs the key alone", async () => {
  const { world: from } = await runWorld({ argv: "sync", files: manifests });
  const { status } = await runWorld({ argv: "audit verify", environment: inFile, from });
  expect(status).toBe(0);
  const environment = { RECONCILE_AUDIT_KEY_FILE: path };
  const unread = await runWorld({ argv: "audit verify", environment, from });
  expect(unread.err).toContain("the file that RECONCILE_AUDIT_KEY_FILE names does not exist");
  expect(unread.status).toBe(1);
});

const keyFile = "/run/secrets/key";

test("a login that is refused names the variables that gave it", async () => {
  const files = { ...manifests, [path]: "'not-the-secret'" };
  const { err } = await runWorld({ argv: "plan", environment: inFile, files });
  expect(err).toContain("did not accept GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET_FILE (");
  expect(err).toMatch(
    /= GENESYS_CLIENT_SECRET_FILE begins or ends .*check GENESYS_CLIENT_ID and \S+_FILE:/,
  );
});

test("a request that is refused names the variable that gave the client", async () => {
  const { err } = await runWorld({
    argv: "plan",
    environment: { GENESYS_CLIENT_ID_FILE: "/run/secrets/id", GENESYS_CLIENT_SECRET: clientSecret },
    files: { ...manifests, "/run/secrets/id": clientId },
    intercept: (request, forward) =>
      request.url.includes("/webhooks") ? Promise.resolve(answer(403)) : forward(),
  });
  expect(err).toContain("give the OAuth client of GENESYS_CLIENT_ID_FILE a role");
});

test("doctor names the variables that give the login", async () => {
  const files = { ...manifests, [path]: clientSecret };
  const { out } = await runWorld({ argv: "doctor --skip-endpoints", environment: inFile, files });
  expect(out).toContain("GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET_FILE are set");
});

test("what is said of the signing key names the variable that gave it", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY_FILE: keyFile };
  const run = (argv: string, from: TestWorld, more: Readonly<Record<string, string>> = {}) =>
    runWorld({ argv, from, environment: { ...environment, ...more } });
  const short = await runWorld({ argv: "", environment, files: { ...manifests, [keyFile]: "short" } });
  expect(short.err).toContain("error: RECONCILE_AUDIT_KEY_FILE is shorter than 32 characters");
  const { world } = await runWorld({ argv: "", files: { ...manifests, [keyFile]: longKey } });
  expect((await run("audit verify", world)).out).toContain("note: RECONCILE_AUDIT_KEY_FILE is set, but");
  expect((await run("rollback --last", world)).err).toContain("= with RECONCILE_AUDIT_KEY_FILE set, only");
  const signed = await runWorld({ argv: "", environment, files: { ...manifests, [keyFile]: longKey } });
  signed.world.files.set("/run/secrets/old", longKey);
  signed.world.files.set(keyFile, "a-newer-key-of-tests-with-more-than-32-characters");
  const former = { RECONCILE_AUDIT_KEY_PREVIOUS_FILE: "/run/secrets/old" };
  expect((await run("", signed.world, former)).err).toContain(
    "is signed with RECONCILE_AUDIT_KEY_PREVIOUS_FILE, and not with RECONCILE_AUDIT_KEY_FILE",
  );
  signed.world.files.set("/run/secrets/old", "none-of-the-keys");
  expect((await run("", signed.world, former)).err).toContain(
    "put the former one into RECONCILE_AUDIT_KEY_PREVIOUS_FILE",
  );
});

test("a daemon's token that is too short is named by its variable", async () => {
  const environment = { ...loggedIn, RECONCILE_HTTP_TOKEN_FILE: path };
  const { err } = await runWorld({ argv: "watch", environment, files: { ...manifests, [path]: "short" } });
  expect(err).toContain("RECONCILE_HTTP_TOKEN_FILE is shorter than 32 characters");
});

test("an address of messages that is refused is named by its variable", async () => {
  const environment = {
    ...loggedIn,
    RECONCILE_NOTIFY_WEBHOOK_URL_FILE: "/run/secrets/url",
    RECONCILE_NOTIFY_SECRET_FILE: "/run/secrets/whsec",
  };
  const files = {
    ...manifests,
    "reconcile.yaml":
      "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nnotify: [{ kind: webhook, on: [drift] }]\n",
    "/run/secrets/url": "hooks.example.com",
    "/run/secrets/whsec": "secret",
  };
  const { err } = await runWorld({ argv: "", environment, files });
  expect(err).toContain("RECONCILE_NOTIFY_WEBHOOK_URL_FILE is not a URL");
  expect(err).toContain("RECONCILE_NOTIFY_SECRET_FILE is not `whsec_`");
  const doctor = await runWorld({ argv: "doctor --skip-endpoints", environment, files });
  expect(doctor.out).toContain("RECONCILE_NOTIFY_WEBHOOK_URL_FILE is not a URL");
});

test("doctor names the file's variable", async () => {
  const { status, out } = await runWorld({ argv: "doctor", environment: inFile, files: manifests });
  expect(out).toContain("the file that GENESYS_CLIENT_SECRET_FILE names does not exist");
  expect(status).toBe(1);
});

const dotenv = (text: string) => ({ read: () => Promise.resolve(Buffer.from(text)) });

test.each(["GENESYS_API_URL", "GENESYS_TOKEN_URL", "GENESYS_ENVIRONMENT", "HTTPS_PROXY"])(
  "with the client secret in a file, .env names no %s",
  async (name) => {
    const { variables, ignored } = await readEnvironment(inFile, dotenv(`${name}=x\n`));
    expect(variables[name]).toBeUndefined();
    expect(ignored).toEqual([{ names: [name], because: "GENESYS_CLIENT_SECRET_FILE", line: 1, column: 1 }]);
  },
);

test.each(["RECONCILE_HTTP_TOKEN_FILE", "GENESYS_CLIENT_SECRET_FILE", "RECONCILE_NOTIFY_SECRET_FILE"])(
  "with %s in the real environment, .env names no key",
  async (name) => {
    const { variables } = await readEnvironment({ [name]: path }, dotenv("RECONCILE_AUDIT_KEY=theirs\n"));
    expect(variables["RECONCILE_AUDIT_KEY"]).toBeUndefined();
  },
);

test("a secret in a file of the real environment wins over .env", async () => {
  const files = { ...manifests, [path]: clientSecret, ".env": "GENESYS_CLIENT_SECRET=another-secret\n" };
  const { status, err } = await runWorld({ argv: "plan", environment: inFile, files });
  expect([status, err]).toEqual([0, ""]);
});

const newSecret = "the-new-secret-of-tests";

/** A daemon after its first pass; `rotate` changes the secret on the platform, which ends all tokens, and in the file. */
async function startRotating() {
  let current = clientSecret;
  let onRequest: (request: HttpRequest) => void = () => undefined;
  const daemon = await startDaemon({
    ...{ argv: "watch --interval 60s", environment: inFile },
    files: { ...manifests, [path]: `${clientSecret}\n` },
    credentials: () => ({ clientId, clientSecret: current }),
    intercept: (request, forward) => {
      onRequest(request);
      return forward();
    },
  });
  const rotate = (): void => {
    if (current === newSecret) return;
    current = newSecret;
    daemon.world.state.tokens.clear();
    daemon.world.files.set(path, `${newSecret}\n`);
  };
  await daemon.pass(0);
  return {
    daemon,
    rotate,
    rotateAt: (isMoment: (request: HttpRequest) => boolean) => {
      onRequest = (request) => {
        if (isMoment(request)) rotate();
      };
    },
  };
}

const isLogin = ({ url }: HttpRequest): boolean => url.endsWith("/oauth/token");
const logins = (requests: readonly string[]): number =>
  requests.filter((sent) => sent.includes("oauth")).length;

test("a daemon goes on with a new secret between two passes", async () => {
  const { daemon, rotate } = await startRotating();
  rotate();
  await daemon.pass(61_000);
  expect(daemon.world.logged.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(logins(daemon.world.requests)).toBe(2);
  await daemon.stop();
});

test("a daemon reads the file again before each login, within a pass, too", async () => {
  const { daemon, rotateAt } = await startRotating();
  rotateAt((request) => !isLogin(request));
  await daemon.pass(61_000);
  expect(daemon.world.logged.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(logins(daemon.world.requests)).toBe(2);
  await daemon.stop();
});

test("a daemon reads the file again when a login is refused", async () => {
  const { daemon, rotateAt } = await startRotating();
  daemon.world.state.tokens.clear();
  rotateAt(isLogin);
  await daemon.pass(61_000);
  expect(daemon.world.logged.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(logins(daemon.world.requests)).toBe(3);
  await daemon.stop();
});

test("a refused login is not repeated with the same secret", async () => {
  const { status, err, world } = await runWorld({
    ...{ argv: "plan", environment: inFile },
    files: { ...manifests, [path]: "a-wrong-secret" },
  });
  expect(err).toContain("[auth/invalidClient]");
  expect([status, world.requests]).toEqual([1, ["POST /oauth/token"]]);
});
