// Where the platform is and how to log in: variables, `.env`, config, and who may say where the secret goes.
import { expect, test } from "vitest";
import { readEnvironment } from "../../src/app/environment.ts";
import { environmentWarnings } from "../../src/app/ignored-variables.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import type { HttpRequest } from "../../src/model/http.ts";
import { answer, credentials, loggedIn, manifest, runWorld } from "../support/world.ts";

const { clientId, clientSecret } = credentials;
const files = { "subscriptions/a.yaml": manifest("alpha") };
const config = (environment: string) =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nenvironment: ${environment}\n`;

/** The addresses that a plan asks, in order; the platform refuses so that it stops there. */
async function addresses(given: {
  environment?: Record<string, string>;
  files?: Record<string, string>;
  argv?: string;
}) {
  const urls: string[] = [];
  const intercept = (request: HttpRequest, forward: () => ReturnType<typeof answer>) => {
    urls.push(request.url.replace(/\?.*/, ""));
    return forward();
  };
  const { status, out, err } = await runWorld({
    argv: given.argv ?? "plan",
    files: { ...files, ...given.files },
    environment: given.environment ?? loggedIn,
    intercept,
  });
  return { urls, status, out, err };
}

test.each([
  [
    "the default region",
    {},
    {},
    ["https://login.mypurecloud.com/oauth/token", "https://api.mypurecloud.com/api/v2/webhooks"],
  ],
  [
    "the config's region",
    {},
    { "reconcile.yaml": config("eu-central-1") },
    ["https://login.mypurecloud.de/oauth/token", "https://api.mypurecloud.de/api/v2/webhooks"],
  ],
  [
    "a variable over the config",
    { GENESYS_ENVIRONMENT: "usw2.pure.cloud" },
    { "reconcile.yaml": config("eu-central-1") },
    ["https://login.usw2.pure.cloud/oauth/token", "https://api.usw2.pure.cloud/api/v2/webhooks"],
  ],
  [
    "an address of its own, the token's with it",
    { GENESYS_API_URL: "http://127.0.0.1:4780/" },
    {},
    ["http://127.0.0.1:4780/oauth/token", "http://127.0.0.1:4780/api/v2/webhooks"],
  ],
  [
    "both addresses",
    { GENESYS_API_URL: "https://proxy.example.com", GENESYS_TOKEN_URL: "https://login.example.com/t" },
    {},
    ["https://login.example.com/t", "https://proxy.example.com/api/v2/webhooks"],
  ],
])("%s", async (_what, environment, more, expected) => {
  const { urls } = await addresses({ environment: { ...loggedIn, ...environment }, files: more });
  expect(urls.slice(0, 1)).toEqual(expected.slice(0, 1));
  // The sandbox knows no token address but its own.
  const asking = new URL("/api/v2/tokens/me", expected[1]).href;
  if (urls.length > 1) expect(urls).toEqual([...expected, asking]);
});

test(".env is read where the real environment says nothing", async () => {
  const dotenv = `GENESYS_CLIENT_ID=${clientId}\nGENESYS_CLIENT_SECRET=${clientSecret}\nGENESYS_ENVIRONMENT=mypurecloud.ie\n`;
  const { urls, status, out } = await addresses({ environment: {}, files: { ".env": dotenv } });
  expect(urls[0]).toBe("https://login.mypurecloud.ie/oauth/token");
  expect([status, out.includes("warning")]).toEqual([0, false]);
});

test("the real environment wins over .env", async () => {
  const dotenv = `GENESYS_CLIENT_ID=wrong\nGENESYS_CLIENT_SECRET=${clientSecret}\n`;
  const { status } = await addresses({
    environment: { GENESYS_CLIENT_ID: clientId },
    files: { ".env": dotenv },
  });
  expect(status).toBe(0);
});

test.each([
  "GENESYS_API_URL",
  "GENESYS_TOKEN_URL",
  "GENESYS_ENVIRONMENT",
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "RECONCILE_AUDIT_KEY",
])("a secret from the real environment goes nowhere that %s in .env says", async (name) => {
  const value = name === "GENESYS_ENVIRONMENT" ? "mypurecloud.ie" : "https://evil.example.com";
  const { urls, status, out } = await addresses({ files: { ".env": `${name}=${value}\n` } });
  expect(urls).toEqual([
    "https://login.mypurecloud.com/oauth/token",
    "https://api.mypurecloud.com/api/v2/webhooks",
    "https://api.mypurecloud.com/api/v2/tokens/me",
  ]);
  expect(out).toContain(
    `\n\nwarning: ${name} in .env is ignored, because GENESYS_CLIENT_SECRET comes from the real environment [env/ignored]\n`,
  );
  expect(status).toBe(0);
});

test.each([
  ["GENESYS_CLIENT_SECRET_FILE", "/run/secrets/theirs"],
  ["RECONCILE_AUDIT_KEY_FILE", "/etc/hostname"],
  ["RECONCILE_DATABASE_URL", "postgres://evil.example.com/a"],
  ["RECONCILE_HTTP_TOKEN", "a-token-that-they-know-and-nobody-set"],
  ["RECONCILE_NOTIFY_SLACK_URL", "https://evil.example.com/"],
  ["AWS_ENDPOINT_URL", "https://evil.example.com/"],
  ["AWS_REGION", "us-east-1"],
  ["PGHOST", "evil.example.com"],
  ["NODE_OPTIONS", "--require ./evil.js"],
  ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
  ["NODE_EXTRA_CA_CERTS", "./evil.pem"],
  ["GIT_SSH_COMMAND", "./evil"],
  ["GIT_CONFIG_GLOBAL", "./evil"],
  ["SSL_CERT_FILE", "./evil.pem"],
])("%s counts from the real environment alone, wherever the secret is", async (name, value) => {
  const line = `${name}=${value}\n`;
  const secret = `GENESYS_CLIENT_ID=${clientId}\nGENESYS_CLIENT_SECRET=${clientSecret}\n`;
  const said = `warning: ${name} in .env is ignored, because it counts only in the real environment [env/ignored]\n`;
  for (const given of [
    { files: { ".env": line } },
    { environment: {}, files: { ".env": secret + line } },
  ]) {
    const { status, out } = await addresses(given);
    expect(out).toContain(`\n\n${said}`);
    expect(status).toBe(0);
  }
  const { variables } = await readEnvironment({}, { read: () => Promise.resolve(Buffer.from(line)) });
  expect(variables).toEqual({});
  const quiet = await addresses({
    environment: { ...loggedIn, [name]: "set" },
    files: { ".env": line },
  });
  expect(quiet.out).not.toContain("warning");
});

test.each([
  ...["GENESYS_CLIENT_SECRET", "GENESYS_CLIENT_SECRET_FILE"],
  ...["RECONCILE_DATABASE_URL", "RECONCILE_DATABASE_URL_FILE"],
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"],
  ...["AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"],
  ...["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
  ...["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
])("with %s in the real environment, .env names no address, region, proxy or key", async (name) => {
  const dotenv = {
    GENESYS_API_URL: "https://evil.example.com",
    GENESYS_ENVIRONMENT: "mypurecloud.ie",
    HTTPS_PROXY: "http://evil.example.com",
    RECONCILE_AUDIT_KEY: "a-key-that-they-know",
  };
  const lines = Object.entries(dotenv).map(([key, value]) => `${key}=${value}\n`);
  const { variables, ignored } = await readEnvironment(
    { [name]: "a secret" },
    { read: () => Promise.resolve(Buffer.from(lines.join(""))) },
  );
  expect(variables).toEqual({ [name]: "a secret" });
  expect(ignored.map(({ names, because }) => [...names, because])).toEqual([
    ["GENESYS_API_URL", name],
    ["GENESYS_ENVIRONMENT", name],
    ["HTTPS_PROXY", name],
    ["RECONCILE_AUDIT_KEY", name],
  ]);
});

test.each([
  ["GENESYS_CLIENT_SECRET", ", or keep the secret in .env as well"],
  // These never count in .env, so that way out does not exist.
  ["RECONCILE_DATABASE_URL", ""],
  ["AWS_SECRET_ACCESS_KEY", ""],
])("the way out of a variable that is ignored because of %s", async (name, otherWay) => {
  const read = () => Promise.resolve(Buffer.from("GENESYS_ENVIRONMENT=mypurecloud.ie\n"));
  const [warning] = environmentWarnings(await readEnvironment({ [name]: "a secret" }, { read }));
  expect(warning?.hint).toBe(`set GENESYS_ENVIRONMENT in the real environment too${otherWay}`);
});

test("several such variables are one warning, which names them all", async () => {
  const { out } = await addresses({
    files: { ".env": "NODE_ENV=test\nPGHOST=db\nAWS_REGION=eu-west-1\n" },
  });
  expect(out).toContain(
    "warning: AWS_REGION, NODE_ENV and PGHOST in .env are ignored, because they count only in the real environment [env/ignored]\n" +
      "  --> .env:1:1\n" +
      "  = set them in the real environment if reconcile is to use them; nothing is to do if they are for another program\n",
  );
});

test("the warning names the line of .env that sets the first of them", async () => {
  const lines = ["# for the tests", "LOG=debug", "  export GENESYS_API_URL=http://127.0.0.1:1"];
  const dotenv = [...lines, "PGHOST = db", "NODE_ENV=test", ""].join("\r\n");
  const { out } = await addresses({ files: { ".env": dotenv } });
  expect(out.match(/(?<=-->).*/g)).toEqual([" .env:3:10", " .env:4:1"]);
  const doctor = await runWorld({
    argv: "doctor --skip-endpoints",
    ...{ files: { ...files, ".env": dotenv }, environment: loggedIn },
  });
  expect(doctor.out).toContain(".env:4: NODE_ENV and PGHOST are ignored");
});

test.each([
  "GENESYS_CLIENT_SECRET",
  "RECONCILE_HTTP_TOKEN",
  "RECONCILE_GIT_TOKEN",
  "RECONCILE_DATABASE_URL",
])("with %s in the real environment, .env names no key", async (name) => {
  const dotenv = `RECONCILE_AUDIT_KEY=a-key-that-they-know\nGENESYS_CLIENT_SECRET=x\n`;
  const files = { read: () => Promise.resolve(Buffer.from(dotenv)) };
  const { variables, ignored } = await readEnvironment({ [name]: "a secret" }, files);
  expect(variables["RECONCILE_AUDIT_KEY"]).toBeUndefined();
  expect(ignored).toEqual([{ names: ["RECONCILE_AUDIT_KEY"], because: name, line: 1, column: 1 }]);
  const without = await readEnvironment({ HTTPS_PROXY: "http://proxy:1" }, files);
  expect([without.variables["RECONCILE_AUDIT_KEY"], without.ignored]).toEqual(["a-key-that-they-know", []]);
});

test("the token for the Git store may be in .env, and beside it in the real environment .env names an address", async () => {
  const read = (text: string) => ({ read: () => Promise.resolve(Buffer.from(text)) });
  const given = { GENESYS_CLIENT_SECRET: "a secret" };
  const { variables, ignored } = await readEnvironment(given, read("RECONCILE_GIT_TOKEN=a-token\n"));
  expect([variables["RECONCILE_GIT_TOKEN"], ignored]).toEqual(["a-token", []]);
  const beside = await readEnvironment({ RECONCILE_GIT_TOKEN: "a-token" }, read("GENESYS_ENVIRONMENT=x\n"));
  expect([beside.variables["GENESYS_ENVIRONMENT"], beside.ignored]).toEqual(["x", []]);
});

test("that .env was ignored is said, too, where the pass fails", async () => {
  const given = {
    files: { ".env": "GENESYS_API_URL=http://127.0.0.1:1\n", "subscriptions/a.yaml": manifest("alpha") },
    intercept: () => answer(403),
  };
  const warning = "GENESYS_API_URL in .env is ignored";
  const text = await runWorld({ argv: "plan", ...given });
  expect([text.status, text.out]).toEqual([1, ""]);
  expect(text.err).toMatch(new RegExp(`^warning: ${warning}[^]*\\nerror: [^\\n]*\\(403 ?`));
  const json = await runWorld({ argv: "plan --output json", ...given });
  const { diagnostics } = JSON.parse(json.out) as { diagnostics: { severity: string; message: string }[] };
  expect(diagnostics.map(({ severity }) => severity)).toEqual(["warning", "error"]);
  expect(diagnostics[0]?.message).toContain(warning);
});

test("the proxy is the real environment's, in either spelling, else the one in .env beside its secret", async () => {
  const asked = async (environment: Record<string, string>, dotenv: string) => {
    const given: unknown[] = [];
    const openSend = (proxies: Readonly<Record<string, string | undefined>>) => {
      given.push(Object.fromEntries(Object.entries(proxies).filter(([, value]) => value !== undefined)));
      return () => Promise.resolve(answer(403));
    };
    await runWorld({ argv: "plan", files: { ...files, ".env": dotenv }, environment, openSend });
    return given.at(-1);
  };
  const dotenv = `https_proxy=http://dotenv:1\nNO_PROXY=a.example.com\n`;
  const secret = `GENESYS_CLIENT_ID=${clientId}\nGENESYS_CLIENT_SECRET=${clientSecret}\n`;
  expect(await asked({}, secret + dotenv)).toEqual({
    https_proxy: "http://dotenv:1",
    NO_PROXY: "a.example.com",
  });
  const real = { HTTPS_PROXY: "http://real:1", HTTP_PROXY: "http://other:1" };
  expect(await asked(real, secret + dotenv)).toEqual({
    HTTPS_PROXY: "http://real:1",
    NO_PROXY: "a.example.com",
  });
  expect(await asked({ ...loggedIn, ...real }, dotenv)).toEqual({ HTTPS_PROXY: "http://real:1" });
  expect(await asked(loggedIn, dotenv)).toEqual({});
});

test("what the real environment says itself is not warned of", async () => {
  const environment = { ...loggedIn, GENESYS_ENVIRONMENT: "mypurecloud.de" };
  const { urls, out } = await addresses({
    environment,
    files: { ".env": "GENESYS_ENVIRONMENT=mypurecloud.ie\n" },
  });
  expect(urls[0]).toBe("https://login.mypurecloud.de/oauth/token");
  expect(out).not.toContain("warning");
});

test("an unreadable .env is an error, not an empty one", async () => {
  const { world: from } = await runWorld({ argv: "validate", files });
  from.files.before = (operation, path) => {
    if (operation === "read" && path === ".env") from.files.failNext("read", "EACCES");
  };
  const { status, err, world } = await runWorld({ argv: "plan", from });
  expect(err).toBe(
    "error: .env cannot be read (EACCES) [env/unreadable]\n" +
      "  = let this user read it, or move it away and set the variables in the environment\n",
  );
  expect([status, world.requests]).toEqual([1, []]);
});

test("a folder in the place of .env is named", async () => {
  const { status, err, urls } = await addresses({ files: { ".env/inside": "" } });
  expect(err.split("\n")[0]).toBe("error: .env cannot be read (it is a folder) [env/unreadable]");
  expect([status, urls]).toEqual([1, []]);
});

test.each([
  [{ GENESYS_CLIENT_ID: "x" }, "GENESYS_CLIENT_SECRET is not set"],
  [{ GENESYS_CLIENT_SECRET: "x" }, "GENESYS_CLIENT_ID is not set"],
  [{}, "GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not set"],
])("what is missing is named: %o", async (environment, message) => {
  const { status, err, urls } = await addresses({ environment });
  expect(err.split("\n")[0]).toBe(`error: ${message} [credentials/missing]`);
  expect([status, urls]).toEqual([1, []]);
});

test.each([
  [
    { GENESYS_ENVIRONMENT: "usw2.pure.clod" },
    {},
    'error: unknown Genesys Cloud region "usw2.pure.clod" in GENESYS_ENVIRONMENT [environment/unknownRegion]\n  = did you mean "usw2.pure.cloud"? use a region\'s domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them\n\n',
  ],
  [
    { GENESYS_ENVIRONMENT: "example.com.evil.org" },
    {},
    'error: unknown Genesys Cloud region "example.com.evil.org" in GENESYS_ENVIRONMENT [environment/unknownRegion]\n  = use a region\'s domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them\n\n',
  ],
  [
    { GENESYS_API_URL: "http://evil.example.com" },
    {},
    "error: GENESYS_API_URL is neither https nor loopback [platform/insecureUrl]\n  = use an https address; http is allowed only to localhost, 127.0.0.1 and [::1]\n\n",
  ],
  [
    { GENESYS_TOKEN_URL: "nonsense" },
    {},
    "error: GENESYS_TOKEN_URL is not a URL [platform/malformedUrl]\n  = write it as https://host, with the https://\n\n",
  ],
  [
    { GENESYS_API_URL: "localhost:4780" },
    {},
    "error: GENESYS_API_URL is not a URL [platform/malformedUrl]\n  = write it as https://host, with the https://\n\n",
  ],
  ...["http://127.0.0.1:4790/foo", "https://x.example.com/?page", "https://x.example.com#there"].map(
    (url): [Record<string, string>, Record<string, string>, string] => [
      { GENESYS_API_URL: url },
      {},
      "error: GENESYS_API_URL has a path or a query string [platform/urlWithPath]\n  = leave out everything after the host, as in https://api.mypurecloud.com\n\n",
    ],
  ),
  ...[
    ["GENESYS_API_URL", "https://user:hidden@x.example.com"],
    ["GENESYS_TOKEN_URL", "https://user:hidden@x.example.com"],
    ["GENESYS_TOKEN_URL", "https://hidden:12#word@x.example.com"],
  ].map(([name = "", url = ""]): [Record<string, string>, Record<string, string>, string] => [
    { [name]: url },
    {},
    `error: ${name} has credentials in it [platform/urlWithCredentials]\n  = leave out everything before the @: reconcile logs in with GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET\n\n`,
  ]),
])("%o is refused before anything is sent", async (environment, more, expected) => {
  const { status, err, urls } = await addresses({
    environment: { ...loggedIn, ...environment },
    files: more,
  });
  expect(err).toBe(expected);
  expect([status, urls]).toEqual([1, []]);
});

test("an address where nobody listens: the hint names each variable that may be wrong", async () => {
  const { status, out, err } = await runWorld({
    argv: "plan",
    files,
    environment: { ...loggedIn, GENESYS_API_URL: "http://127.0.0.1:1" },
    openSend: (proxies) => makeSend({ proxies }),
  });
  expect(err).toBe(
    "error: POST /oauth/token: could not connect to 127.0.0.1:1 (ECONNREFUSED) [network/unreachable]\n" +
      "  = check the network, and GENESYS_ENVIRONMENT (or GENESYS_API_URL and GENESYS_TOKEN_URL if they are set); " +
      "behind a proxy, check HTTPS_PROXY\n\n",
  );
  expect([status, out]).toEqual([1, ""]);
});

test("an unknown region in the config is shown where it stands", async () => {
  const { status, err, urls } = await addresses({
    files: { "reconcile.yaml": config("evil.example.com") },
  });
  expect(err).toContain(
    "[environment/unknownRegion]\n  --> reconcile.yaml:3:14\n    3 | environment: evil.example.com\n",
  );
  expect([status, urls]).toEqual([1, []]);
});
