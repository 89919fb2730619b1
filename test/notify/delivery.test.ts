// How messages arrive: their forms, and what becomes of one that does not arrive.
import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { makeSlackText } from "../../src/notify/make-request.ts";
import { loggedIn, manifest, runWorld, type TestWorld, type WorldOptions } from "../support/world.ts";
import {
  bodiesOf,
  configOf,
  environmentOf,
  secret,
  startReceiver,
  makeToReceivers,
  toReceivers,
  type FakeReceiver,
  type Received,
} from "./receiver.ts";

let receiver: FakeReceiver;
beforeEach(async () => {
  receiver = await startReceiver();
});

const nothing: Received = { method: "", path: "", headers: {}, body: "{}" };
const toldPath = ".reconcile/notified.json";
const invalid = `${manifest("alpha")}  stat: enabled\n`;

/** A sync of an invalid manifest, which is a failure to tell of. */
async function fail(
  kinds: readonly ("slack" | "webhook")[],
  more: Partial<WorldOptions> = {},
): ReturnType<typeof runWorld> {
  return runWorld({
    argv: "sync",
    files: { "reconcile.yaml": configOf(...kinds), "subscriptions/alpha.yaml": invalid },
    ...{ environment: environmentOf(receiver), intercept: toReceivers },
    ...more,
  });
}

async function again(from: TestWorld, more: Partial<WorldOptions> = {}) {
  return fail([], { from, ...more });
}

test("Slack gets a text, whose marks are no commands", async () => {
  const text = invalid.replace("stat:", '"<!channel> & co":');
  const files = { "reconcile.yaml": configOf("slack"), "subscriptions/alpha.yaml": text };
  const { status } = await fail(["slack"], { files });
  const [{ method, path, headers, body } = nothing] = receiver.received;
  expect([status, method, path]).toEqual([1, "POST", "/services/T0/B0/channel-secret"]);
  expect(headers["content-type"]).toBe("application/json");
  expect((JSON.parse(body) as { readonly text: string }).text.split("\n")).toEqual([
    '*Failure* · mypurecloud.com as owner "default"',
    "The sync failed.",
    '• subscriptions/alpha.yaml:9: unknown key "&lt;!channel&gt; &amp; co" in spec',
    expect.stringMatching(/^`reconcile sync`, run id-\d+$/),
  ]);
});

test("Slack's text names the organisation where its name is known", () => {
  const data = { environment: "mypurecloud.com", owner: "a", command: "sync", runId: null, summary: "b" };
  const heading = (organization?: { readonly id: string; readonly name: string | null }) =>
    makeSlackText({ topic: "drift", data: { ...data, organization, details: [], groups: [] } }).split(
      "\n",
    )[0];
  expect(heading({ id: "an-id", name: "A & B" })).toBe(
    '*Drift* · mypurecloud.com as owner "a", organisation "A &amp; B"',
  );
  for (const unnamed of [heading({ id: "an-id", name: null }), heading()])
    expect(unnamed).toBe('*Drift* · mypurecloud.com as owner "a"');
});

test("a webhook gets a body that its secret signs", async () => {
  await fail(["webhook"]);
  const [{ headers, body } = nothing] = receiver.received;
  // By the words of the standard, and without a line of the product.
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const signature = createHmac("sha256", key).update(signed).digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
  expect(headers["webhook-id"]).toMatch(/^msg_/);
  expect(Number(headers["webhook-timestamp"])).toBeGreaterThan(1_600_000_000);
  expect(Object.keys(JSON.parse(body) as object)).toEqual(["type", "timestamp", "data"]);
});

test("both kinds get a message each, and no query string", async () => {
  const endpoint = manifest("alpha").replace("/alpha", "/alpha?key=hidden");
  const { world } = await fail(["slack", "webhook"], {
    files: {
      "reconcile.yaml": configOf("slack", "webhook"),
      "subscriptions/alpha.yaml": endpoint,
    },
  });
  world.state.webhooks.clear();
  await again(world);
  expect(receiver.received.map(({ path }) => path).sort()).toEqual([
    "/hook?token=hidden-token",
    "/services/T0/B0/channel-secret",
  ]);
  for (const { body } of receiver.received) {
    expect(body).toContain("https://events.example.com/alpha?…");
    expect(body).not.toContain("hidden");
  }
});

describe("a message that does not arrive warns, and is sent again under its id:", () => {
  test.each<readonly [string, FakeReceiver["respond"], string]>([
    ["refused", (_, response) => response.writeHead(410).end(), "answered with 410"],
    [
      "redirected",
      (_, response) => response.writeHead(302, { location: "/elsewhere" }).end(),
      "answered with a redirect (302), which is not followed",
    ],
    ["never answered", () => undefined, "no complete answer from 127.0.0.1:"],
    ["cut off", (request) => request.socket.destroy(), "broke off"],
  ])("%s", async (_, respond, words) => {
    const answer = receiver.respond;
    receiver.respond = respond;
    const first = await fail(["webhook"], { intercept: makeToReceivers({ requestTimeoutMs: 1_000 }) });
    expect(first.err).toContain("warning: 1 message to the webhook was not delivered: ");
    expect(first.err.replace(/\n\s+/g, " ")).toContain(words);
    expect(first.err).not.toContain("hidden-token");
    expect(receiver.received).toHaveLength(1);
    receiver.respond = answer;
    const second = await again(first.world);
    expect([first.status, second.status]).toEqual([1, 1]);
    expect(second.err).not.toContain("delivered");
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    expect(bodiesOf(receiver)[1]).toEqual(bodiesOf(receiver)[0]);
    await again(second.world);
    expect(receiver.received).toHaveLength(2);
  });

  test("a pass without a fault stays a success, and a recovery waits behind its failure", async () => {
    const answer = receiver.respond;
    receiver.respond = (_, response) => response.writeHead(500).end();
    const { world } = await fail(["webhook"]);
    world.files.set("subscriptions/alpha.yaml", manifest("alpha"));
    const { status, out } = await again(world);
    expect([status, out]).toEqual([
      0,
      expect.stringContaining("2 messages to the webhook were not delivered"),
    ]);
    receiver.received.length = 0;
    receiver.respond = answer;
    await again(world);
    const types = bodiesOf(receiver).map(({ type }) => type);
    expect(types).toEqual(["reconcile.failure", "reconcile.recovery"]);
  });

  test("one kind does not hold the other up", async () => {
    receiver.respond = (request, response) =>
      response.writeHead(request.url?.startsWith("/hook") ? 500 : 200).end();
    const { world } = await fail(["slack", "webhook"]);
    receiver.received.length = 0;
    await again(world);
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hook?token=hidden-token"]);
  });
});

describe("an address that is missing or bad is an error with a way out:", () => {
  test.each([
    ["RECONCILE_NOTIFY_SLACK_URL", undefined, "is not set", "incoming webhook"],
    ["RECONCILE_NOTIFY_WEBHOOK_URL", "", "is not set", "real environment"],
    ["RECONCILE_NOTIFY_SECRET", undefined, "is not set", "openssl rand -base64 32"],
    ["RECONCILE_NOTIFY_WEBHOOK_URL", "http://hooks.example.com/x-secret", "is neither https", "https"],
    [
      "RECONCILE_NOTIFY_WEBHOOK_URL",
      "https://me:pass-word@hooks.example.com",
      "has credentials in it",
      "signature",
    ],
    ["RECONCILE_NOTIFY_SLACK_URL", "hooks.slack.com/services", "is not a URL", "https://"],
    ["RECONCILE_NOTIFY_SECRET", "a-secret-without-prefix", "is not `whsec_`", "openssl"],
    ["RECONCILE_NOTIFY_SECRET", "whsec_c2hvcnQ=", "holds 5 bytes, and must hold 24 to 64", "openssl"],
  ])("%s=%s", async (name, value, words, wayOut) => {
    const environment = { ...environmentOf(receiver), [name]: value };
    const { status, err, world } = await fail(["slack", "webhook"], {
      environment,
      files: {
        "reconcile.yaml": configOf("slack", "webhook"),
        "subscriptions/alpha.yaml": manifest("alpha"),
      },
    });
    expect(status).toBe(1);
    const said = err.replace(/\s+/g, " ");
    expect(said).toContain(`error: ${name} ${words}`);
    expect(said).toContain(wayOut);
    expect(said).toContain("reconcile.yaml:4");
    // Nothing but the message to the receiver whose address is good.
    expect(world.requests.filter((sent) => sent.includes("/api/"))).toEqual([]);
    expect(receiver.received.length).toBeLessThanOrEqual(1);
  });

  test("and so is one that only .env has", async () => {
    const variables = Object.entries(environmentOf(receiver)).filter(([name]) => name.includes("NOTIFY"));
    const { status, err } = await fail(["slack"], {
      environment: loggedIn,
      files: {
        "reconcile.yaml": configOf("slack"),
        "subscriptions/alpha.yaml": manifest("alpha"),
        ".env": variables.map(([name, value]) => `${name}=${value}`).join("\n"),
      },
    });
    expect([status, receiver.received]).toEqual([1, []]);
    expect(err).toContain("RECONCILE_NOTIFY_SLACK_URL is not set");
    expect(err.replace(/\s+/g, " ")).toContain("in .env are ignored");
  });

  test.each(["plan", "validate"])("but not of `%s`, which sends nothing", async (argv) => {
    const files = {
      "reconcile.yaml": configOf("slack", "webhook"),
      "subscriptions/alpha.yaml": manifest("alpha"),
    };
    expect((await fail([], { argv, files, environment: loggedIn })).status).toBe(0);
  });
});

describe("what was last told:", () => {
  test("only this user may read it, and it holds no secret", async () => {
    const { world } = await fail(["webhook"]);
    expect(world.files.mode(toldPath)).toBe(0o600);
    expect(world.files.text(toldPath)).not.toContain("whsec_");
  });

  test("a corrupt file is set aside, with a warning, and the fault is told again", async () => {
    const { world } = await fail(["webhook"]);
    world.files.set(toldPath, "{");
    const { err } = await again(world);
    expect(err).toContain("is corrupt, so it was moved to .reconcile/notified.json.corrupt");
    expect(receiver.received).toHaveLength(2);
  });

  test("if it cannot be written, nothing is sent, and the pass only warns", async () => {
    const { world } = await fail(["webhook"]);
    world.files.set("subscriptions/alpha.yaml", manifest("alpha"));
    const files: TestWorld["files"] = {
      ...world.files,
      write: (path, ...more) =>
        path === toldPath
          ? Promise.reject(Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }))
          : world.files.write(path, ...more),
    };
    const { status, out } = await again({ ...world, files });
    expect([status, receiver.received.length]).toEqual([0, 1]);
    expect(out).toContain("so nothing is sent: ENOSPC");
  });
});
