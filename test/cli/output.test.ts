// What reaches the terminal: colours, annotations, progress, and never a control character of somebody else's.
import { expect, test, vi } from "vitest";
import { openLog } from "../../src/app/log.ts";
import { makeProgress } from "../../src/app/progress.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { answer, brokenOff, loggedIn, manifest, putWebhook, runWorld } from "../support/world.ts";

const esc = "\u001b[";
const alpha = { "subscriptions/a.yaml": manifest("alpha") };

test("without a terminal there are no colours", async () => {
  const { out } = await runWorld({ argv: "plan", files: alpha });
  expect(out).not.toContain(esc);
});

test("with colours the plan and its diagnostics are painted", async () => {
  const { out } = await runWorld({ argv: "plan", files: alpha, colours: true });
  expect(out).toBe(
    `${esc}2mmypurecloud.com as owner "default"${esc}22m\n\n` +
      `${esc}1malpha${esc}22m${esc}2m  subscriptions/a.yaml:1${esc}22m\n` +
      `  ${esc}32m+ https://events.example.com/alpha${esc}39m${esc}2m  2 event types${esc}22m\n` +
      `      ${esc}2mthe consumer group is new${esc}22m\n` +
      `      ${esc}32m+ a.created${esc}39m\n      ${esc}32m+ a.ended${esc}39m\n\n` +
      "Plan: 1 to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move\n",
  );
  const refused = await runWorld({ argv: "plan", files: alpha, colours: true, environment: {} });
  expect(refused.err).toMatch(/^\u001b\[31merror\u001b\[39m: \u001b\[1mGENESYS_CLIENT_ID /);
});

test("why a group is skipped is said once, not at each of its endpoints", async () => {
  const pool = ["https://p.example.com/1", "https://p.example.com/2"];
  const { world } = await runWorld({
    argv: "--help",
    files: { "subscriptions/a.yaml": manifest("alpha", { pool }) },
  });
  for (const [index, endpoint] of pool.entries())
    putWebhook(world.state, { id: `w${index}`, group: "alpha", endpoint });
  const { status, out } = await runWorld({ argv: "plan", from: world });
  expect([status, out.match(/^ {6}skipped$/gm)?.length]).toEqual([1, 2]);
  expect(out.match(/have no owner/g)?.length).toBe(1);
});

const evil = "x\n::warning::forged\u001b[2J\u009b2J\u202e\r\u0007";

const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

test.each([
  "plan",
  "plan -v",
  "plan --adopt",
  "plan --prune",
  "plan --output json",
  "plan --output json --adopt",
])("`%s`: control characters of a server's webhook never reach stdout", async (argv) => {
  const { world } = await runWorld({ argv: "plan", files: alpha });
  putWebhook(world.state, {
    id: "w1",
    group: "alpha",
    name: evil,
    endpoint: `https://x.example.com/${evil}`,
    eventTypes: [evil],
  });
  putWebhook(world.state, { id: "w2", group: evil, name: evil, owner: "default" });
  const { out, err } = await runWorld({
    argv,
    from: world,
    environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
  });
  expect(out).not.toMatch(raw);
  expect(out).not.toMatch(/^\s*::/m);
  expect(err).not.toMatch(raw);
  expect(err).not.toMatch(/^\s*::warning::forged/m);
  expect(out).toContain("forged");
});

test("the JSON still says exactly what the server said", async () => {
  const { world } = await runWorld({ argv: "plan", files: alpha });
  putWebhook(world.state, {
    id: "w2",
    group: evil,
    owner: "default",
    endpoint: `https://x.example.com/${evil}`,
  });
  const { out } = await runWorld({ argv: "plan --output json", from: world });
  expect(JSON.parse(out)).toMatchObject({
    orphans: [{ webhookId: "w2", endpoint: `https://x.example.com/${evil}` }],
  });
});

test("GitHub gets annotations, escaped, beside the result", async () => {
  const files = { "subscriptions/a,b:c.yaml": manifest("alpha").replace("eventTypes", '"event%Types\\n"') };
  const environment = { ...loggedIn, GITHUB_ACTIONS: "true" };
  const { out, err } = await runWorld({ argv: "validate", files, environment });
  expect(err).toContain("::error file=subscriptions/a%2Cb%3Ac.yaml,line=");
  expect(err).toContain("%25");
  expect(
    err
      .split("\n")
      .slice(0, -1)
      .every((line) => line.startsWith("::error file=")),
  ).toBe(true);
  expect(out).toMatch(/^error: /);
});

test("GitHub and code scanning find a file of a subfolder from the root of the repository", async () => {
  const given = {
    files: { "subscriptions/a.yaml": manifest("alpha").replace("eventTypes", "eventTipes") },
    environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
    repository: { folder: "teams/crm" },
  };
  const { out, err } = await runWorld({ ...given, argv: "validate --output sarif" });
  expect(err).toContain("::error file=teams/crm/subscriptions/a.yaml,line=");
  expect(out).toContain('"uri": "teams/crm/subscriptions/a.yaml"');
  expect(out).not.toContain('"uri": "subscriptions/a.yaml"');
  const text = await runWorld({ ...given, argv: "validate" });
  expect(text.out).toContain("--> subscriptions/a.yaml:");
});

test("GitHub is told of a failure without a file, too, in text and JSON alike", async () => {
  const environment = { ...loggedIn, GITHUB_ACTIONS: "true" };
  const intercept = () => answer(401, { error: "invalid_client" });
  for (const argv of ["plan", "plan --output json"]) {
    const { status, err } = await runWorld({ argv, files: alpha, environment, intercept });
    expect(err).toMatch(/(?:^|\n\n)::error::the login [^\n]+\n$/);
    expect(status).toBe(1);
  }
});

test("on a terminal one line shows the progress, and is taken away before the result", async () => {
  const { err, status } = await runWorld({ argv: "", files: alpha, terminal: true });
  expect([err, status]).toEqual([`\r${esc}Kapplying 1/1\r${esc}K`, 0]);
  const quiet = await runWorld({ argv: "--no-progress", files: alpha, terminal: true });
  expect(quiet.err).toBe("");
});

test("what was applied is shown even where the trail cannot say that the run has ended", async () => {
  const { world } = await runWorld({ argv: "plan", files: alpha });
  const { out, err, status } = await runWorld({
    argv: "",
    from: world,
    terminal: true,
    columns: 300,
    intercept: (request, forward) => {
      const response = forward();
      // The trail's last record finds no room.
      if (request.method === "POST" && request.url.endsWith("/webhooks")) {
        let appends = 0;
        world.files.before = (operation) => {
          if (operation === "append" && (appends += 1) === 2) world.files.failNext("append", "ENOSPC");
        };
      }
      return response;
    },
  });
  expect(err).toBe("\r\u001b[Kapplying 1/1\r\u001b[K");
  expect(out).toMatch(/^error: .*\[audit\/unwritable\]$/m);
  expect(out).toMatch(
    /^Done: 1 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved$/m,
  );
  expect(status).toBe(1);
});

test("progress is redrawn ten times a second at most", async () => {
  const clock = makeFakeClock();
  const texts: string[] = [];
  const stderr = {
    write: (text: string) => void texts.push(text),
    flushed: () => Promise.resolve(true),
    isTerminal: true,
    colours: false,
    columns: 80,
  };
  const progress = makeProgress({ stderr, clock }, true);
  progress.show("reading", 0, 0);
  progress.show("applying", 1, 9);
  await clock.advance(100);
  progress.show("applying", 2, 9);
  progress.clear();
  progress.clear();
  expect(texts).toEqual([`\r${esc}Kreading …`, `\r${esc}Kapplying 2/9`, `\r${esc}K`]);
});

test("the log writes warnings, and requests with -v, on stderr as plain lines", async () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  try {
    for (const verbose of [false, true]) {
      const log = await openLog({ level: verbose ? "debug" : "warn", format: "short" });
      log("warn", "a torn\u001b line", { runId: "r", at: 3 });
      const request = { method: "GET", path: "/api/v2/webhooks" };
      log("debug", "GET /api/v2/webhooks, page 2", { ...request, status: 200, correlationId: null });
    }
  } finally {
    write.mockRestore();
  }
  expect(lines).toEqual([
    "warning: a torn\ufffd line at=3\n",
    "warning: a torn\ufffd line at=3\n",
    "debug: GET /api/v2/webhooks, page 2 status=200\n",
  ]);
});

test("each request is logged with its page, and nothing else of its query", async () => {
  const { world } = await runWorld({ argv: "plan", files: alpha });
  for (let number = 1; number <= 101; number += 1)
    putWebhook(world.state, { id: `w${number}`, group: `old-${number}` });
  const { world: after } = await runWorld({ argv: "plan -v", from: world });
  expect(after.logged).toEqual([
    "debug: POST /oauth/token",
    "debug: GET /api/v2/webhooks, page 1",
    "debug: GET /api/v2/tokens/me",
    "debug: GET /api/v2/webhooks, page 2",
  ]);
});

test("a stack trace needs -v", async () => {
  const intercept = () => brokenOff();
  const quiet = await runWorld({ argv: "plan", files: alpha, intercept });
  const verbose = await runWorld({ argv: "plan -v", files: alpha, intercept });
  const error = "error: the connection broke off [network/reset]\n\n";
  expect(quiet.err).toBe(error);
  expect(verbose.err).toMatch(/^ReconcileError: the connection broke off\n {4}at /);
  expect(verbose.err.endsWith(error)).toBe(true);
});

test("a slip on the command line has no stack trace, not even with -v", async () => {
  const { status, out, err } = await runWorld({ argv: "plan -v --wat", files: alpha });
  expect([status, out, err]).toEqual([1, "", "error: unknown option '--wat'\n"]);
});

test("a bug of ours says that it is one", async () => {
  const { status, out, err } = await runWorld({
    argv: "plan --output json",
    files: alpha,
    intercept: () => {
      throw new TypeError("boom");
    },
  });
  expect(err).toBe("error: boom [internal/bug]\n  = this is a bug in reconcile\n");
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    diagnostics: [{ code: "internal/bug", message: "boom" }],
  });
  expect(status).toBe(1);
});
