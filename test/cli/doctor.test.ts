// `doctor`: where all is well it shows what it saw, and each check of the config and the login names what is broken and what to do.
import { expect, test } from "vitest";
import manifestOfPackage from "../../package.json" with { type: "json" };
import { answer, loggedIn, runWorld } from "../support/world.ts";
import { broken, delivers, doctor, files, instead, source } from "./doctor-world.ts";

const allIsWell = `✓ node         20.19.0
✓ config       no settings in reconcile.yaml, so the defaults apply: the owner is default, the manifests are in subscriptions
✓ region       mypurecloud.com (us-east-1), the default
✓ credentials  GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are set
✓ token        issued by login.mypurecloud.com for the organisation Acme Contact, valid for 24 h
✓ api          api.mypurecloud.com answers
✓ permissions  webhooks can be listed; scopes webhook:read webhook:write
✓ resources    webhooks are offered
                 webhooks (/api/v2/webhooks): offered
                 EventBridge integrations (/api/v2/integrations): offered
                 Process Automation triggers (/api/v2/processautomation/triggers): offered
✓ clock        agrees with the platform's
✓ rate limit   1 of 300 requests in this window are used
✓ manifests    1 manifest is valid
✓ endpoints    1 host can be reached from this machine; Genesys Cloud connects from its own network
✓ state        .reconcile/ can be written
✓ trail        no trail yet; audit-logs/subscription_audit.log can be written
✓ git          commit c0ffee, tester@host

15 checks: nothing failed
`;

test("where all is well each check says what it saw; it reads, and leaves nothing behind", async () => {
  const { status, out, err, world } = await doctor();
  expect(out).toBe(allIsWell);
  expect([status, err]).toEqual([0, ""]);
  expect(world.requests.toSorted()).toEqual([
    "GET /api/v2/integrations",
    "GET /api/v2/processautomation/triggers",
    "GET /api/v2/tokens/me",
    "GET /api/v2/webhooks",
    "OPTIONS /",
    "POST /oauth/token",
  ]);
  expect(world.files.paths()).toEqual(["/subscriptions/a.yaml"]);
});

test("--output json is one object with every check", async () => {
  const intercept = instead("/api/v2/webhooks", () => answer(403, { message: "no" }));
  const { status, out } = await doctor({ argv: "doctor --output json", intercept });
  const { checks, ...rest } = JSON.parse(out) as { checks: { check: string; status: string }[] };
  expect([status, rest]).toEqual([
    1,
    { formatVersion: 1, ok: false, environment: "mypurecloud.com", owner: "default" },
  ]);
  expect(checks.map(({ check, status: how }) => `${check} ${how}`)).toEqual([
    "node passed",
    "config passed",
    "region passed",
    "credentials passed",
    "token passed",
    "api passed",
    "permissions failed",
    "resources passed",
    "clock passed",
    "rate limit notChecked",
    "manifests passed",
    "endpoints passed",
    "state passed",
    "trail passed",
    "git passed",
  ]);
  expect(checks[6]).toEqual({
    check: "permissions",
    status: "failed",
    seen: "webhooks cannot be listed: GET /api/v2/webhooks: forbidden (403): no",
    details: [],
    toDo:
      "in Admin → Integrations → OAuth give the client a role with the permissions webhook:read (plan) and " +
      "webhook:write (sync); a changed role takes effect with the next token",
  });
});

test("what failed and what is doubtful becomes annotations where GitHub runs it", async () => {
  const { err } = await doctor({
    argv: "doctor --skip-endpoints",
    environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
    nodeVersion: "18.20.0",
    commit: null,
  });
  expect(err.split("\n").map((line) => line.slice(0, 40))).toEqual([
    "::error::node: 18.20.0 is too old for re",
    "::warning::git: no commit was found: the",
    "",
  ]);
});

test("the Node that is asked for is the one that package.json asks for", async () => {
  const least = manifestOfPackage.engines.node.replace(">=", "");
  expect((await doctor({ nodeVersion: `${least}.0` })).about("node")).toBe(`✓ node ${least}.0`);
  const [major = 0, minor = 0] = least.split(".").map(Number);
  const { status, about } = await doctor({ nodeVersion: `${major}.${minor - 1}.9` });
  expect([status, about("node")]).toEqual([
    1,
    "✗ node 20.18.9 is too old for reconcile\n→ install Node 20.19 or newer",
  ]);
});

const config = (more: string) => ({
  "reconcile.yaml": `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${more}\n`,
});

test("config: a fault with its place; what hangs on it is not checked", async () => {
  const { status, about, world } = await doctor({ files: { ...files, ...config("ownr: me") } });
  expect(about("config")).toBe(
    '✗ config reconcile.yaml:3: unknown key "ownr" in ReconcileConfig\n→ did you mean "owner"?',
  );
  const rest = ["region", "credentials", "token", "manifests", "endpoints", "state", "trail"].map(about);
  expect(rest).toEqual([
    "- region not checked: needs a valid config",
    "✓ credentials GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are set",
    "- token not checked: needs a region and credentials",
    "- manifests not checked: needs a valid config",
    "- endpoints not checked: needs valid manifests",
    "- state not checked: needs a valid config",
    "- trail not checked: needs a valid config",
  ]);
  expect([status, world.requests]).toEqual([1, []]);
});

test.each([
  [
    "an unknown one in the config",
    config("environment: usw2.purecloud"),
    {},
    '✗ region reconcile.yaml:3: unknown Genesys Cloud region "usw2.purecloud"\n' +
      '→ did you mean "usw2.pure.cloud"? use a region\'s domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them',
  ],
  [
    "an unknown one in the environment",
    {},
    { GENESYS_ENVIRONMENT: "mars" },
    '✗ region unknown Genesys Cloud region "mars" in GENESYS_ENVIRONMENT\n' +
      "→ use a region's domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them",
  ],
  [
    "the config's",
    config("environment: us-west-2"),
    {},
    "✓ region usw2.pure.cloud (us-west-2), from reconcile.yaml",
  ],
  [
    "the environment's",
    config("environment: us-west-2"),
    { GENESYS_ENVIRONMENT: "mypurecloud.de" },
    "✓ region mypurecloud.de (eu-central-1), from GENESYS_ENVIRONMENT",
  ],
  [
    "an address of its own",
    {},
    { GENESYS_API_URL: "https://api.gateway.example.com" },
    "✓ region custom addresses, from GENESYS_API_URL",
  ],
])("region: %s", async (_, more, variables, expected) => {
  const { about } = await doctor({
    files: { ...files, ...more },
    environment: { ...loggedIn, ...variables },
  });
  expect(about("region")).toBe(expected);
});

test("credentials: missing, where to set them; nothing is sent", async () => {
  const { status, about, world } = await doctor({
    environment: { GENESYS_CLIENT_ID: "x" },
    argv: "doctor --skip-endpoints",
  });
  expect(about("credentials")).toBe(
    "✗ credentials GENESYS_CLIENT_SECRET is not set\n" +
      "→ set them in the environment or in .env, from an OAuth client (client credentials) with the permissions webhook:read (plan) and webhook:write (sync); or try --sandbox, which needs none",
  );
  const named = await doctor({ environment: {}, files: delivers("a", source) });
  expect(named.about("credentials")).toBe(
    "✗ credentials GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not set\n" +
      "→ set them in the environment or in .env, from an OAuth client (client credentials) with the permissions integrations:integration:view (plan) and integrations:integration:add, integrations:integration:edit and integrations:integration:delete (sync); or try --sandbox, which needs none",
  );
  const unnamed = await doctor({ environment: {}, files: {} });
  expect(unnamed.about("credentials")).toContain(
    "with the scopes webhook:read webhook:write, or the permissions for EventBridge integrations or triggers",
  );
  expect([status, world.requests]).toEqual([1, []]);
});

test("credentials: a .env that cannot be read, and one that is not listened to", async () => {
  const { world } = await runWorld({ argv: "validate", files });
  world.files.makeDirectory(".env");
  const unreadable = await doctor({ from: world });
  expect(unreadable.about("credentials")).toBe(
    "✗ credentials .env cannot be read (it is a folder)\n→ let this user read it, or move it away and set the variables in the environment",
  );
  const ignored = await doctor({ files: { ...files, ".env": "GENESYS_ENVIRONMENT=mypurecloud.de\n" } });
  expect([ignored.status, ignored.about("credentials")]).toEqual([
    0,
    "! credentials GENESYS_ENVIRONMENT in .env is ignored, because GENESYS_CLIENT_SECRET comes from the real environment\n" +
      "→ set GENESYS_ENVIRONMENT in the real environment too, or keep the secret in .env as well",
  ]);
});

test("token: a wrong secret, or a client of another region, is refused alike; it says so, and asks no more", async () => {
  const { status, about, world } = await doctor({
    environment: { ...loggedIn, GENESYS_CLIENT_SECRET: "another-secret" },
    argv: "doctor --skip-endpoints",
  });
  expect(about("token")).toBe(
    "✗ token the login at login.mypurecloud.com did not accept GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (401 invalid_client) (correlation id id-1)\n" +
      "→ copy the id and the secret from Admin → Integrations → OAuth again; a client of another region gets the same refusal, so check that login.mypurecloud.com is the region where you log in to Genesys Cloud (set environment in the config, or GENESYS_ENVIRONMENT)",
  );
  expect(about("api")).toBe("- api not checked: needs a token");
  expect([status, world.requests]).toEqual([1, ["POST /oauth/token"]]);
});

test.each([
  [
    "network/unreachable",
    "ENOTFOUND",
    "DNS does not resolve its name (ENOTFOUND)",
    "check the name, and this machine's DNS",
  ],
  [
    "network/unreachable",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "this machine does not trust its TLS certificate (SELF_SIGNED_CERT_IN_CHAIN)",
    "if a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its certificate authority",
  ],
  [
    "network/unreachable",
    "ECONNREFUSED",
    "this machine cannot connect to it (ECONNREFUSED)",
    "have the firewall opened for it",
  ],
  ["proxy/refused", "EXXX", "could not connect", "check the network"],
])("token and api: %s, %s is named", async (code, system, says, toDo) => {
  const login = await doctor({ intercept: instead("login.mypurecloud.com", broken(code, system)) });
  expect(login.about("token")).toContain(
    `✗ token no answer from login.mypurecloud.com: ${says}\n→ ${toDo}`,
  );
  const api = await doctor({ intercept: instead("api.mypurecloud.com", broken(code, system)) });
  expect(api.about("api")).toContain(`✗ api no answer from api.mypurecloud.com: ${says}\n→ ${toDo}`);
  expect(api.about("permissions")).toBe("- permissions not checked: needs an answer from the API");
  expect([login.status, api.status]).toEqual([1, 1]);
});
