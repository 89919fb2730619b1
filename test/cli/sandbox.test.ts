// The embedded Genesys Cloud, over a real loopback port.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeWorld, manifest, runWorld, trailOf } from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const around = { environment: {}, send: makeSend() };

test("--sandbox needs no credentials, lasts, and has a trail of its own", async () => {
  const plan = await runWorld({ argv: "plan --sandbox", files, ...around });
  expect(plan.out).toContain("Plan: 1 to create");
  expect(plan.world.files.paths()).toEqual(["/subscriptions/a.yaml"]);
  const first = await runWorld({ argv: "--sandbox", from: plan.world, ...around });
  expect([first.status, first.err]).toEqual([0, ""]);
  expect(first.out).toContain("Done: 1 created");
  expect(trailOf(first.world.files, ".reconcile/sandbox-audit.log")[0]).toMatchObject({
    environment: "sandbox",
  });
  const second = await runWorld({ argv: "--sandbox --detailed-exitcode", from: first.world, ...around });
  expect(second.out).toBe(
    'sandbox as owner "default"\nDone: 0 created, 0 updated, 0 deleted, 0 adopted, 1 unchanged; 0 event types moved\n',
  );
  expect([second.status, second.world.requests]).toEqual([
    0,
    ["POST /oauth/token", "GET /api/v2/webhooks"],
  ]);
  expect(second.world.files.paths()).toEqual([
    "/.reconcile/lock.2",
    "/.reconcile/sandbox-audit.log",
    "/.reconcile/sandbox-audit.log.lock.2",
    "/.reconcile/sandbox-head.json",
    "/.reconcile/sandbox-lock.2",
    "/.reconcile/sandbox-metrics.json",
    "/.reconcile/sandbox.json",
    "/subscriptions/a.yaml",
  ]);
});

test("a state file that cannot be used is set aside, with a word on stderr", async () => {
  const broken = { ...files, ".reconcile/sandbox.json": "{" };
  const { status, err, world } = await runWorld({ argv: "--sandbox", files: broken, ...around });
  expect(err).toMatch(/^sandbox: the sandbox's state in \.reconcile\/sandbox\.json is unusable /);
  expect([status, world.files.text(".reconcile/sandbox.json.corrupt")]).toEqual([0, "{"]);
});

test("`sandbox` prints the variables that reach it, serves, and ends with the interrupt", async () => {
  const world = makeWorld({ argv: "sandbox", files, ...around });
  const ended = run(world);
  while (world.err() === "") await new Promise((resolve) => setImmediate(resolve));
  const printed = world.out();
  expect(printed).toMatch(
    /^GENESYS_CLIENT_ID=sandbox\nGENESYS_CLIENT_SECRET=sandbox-secret\nGENESYS_API_URL=http:\/\/127\.0\.0\.1:(\d+)\nGENESYS_TOKEN_URL=http:\/\/127\.0\.0\.1:\1\/oauth\/token\n$/,
  );
  const client = await runWorld({ argv: "", files: { ...files, ".env": printed }, ...around });
  expect([client.status, client.out.includes("Done: 1 created")]).toEqual([0, true]);

  const { port } = new URL(/GENESYS_API_URL=(.*)/.exec(printed)?.[1] ?? "");
  const taken = await runWorld({ argv: `sandbox --port ${port}` });
  expect(taken).toMatchObject({
    status: 1,
    out: "",
    err: `error: the sandbox cannot listen on port ${port}: another program uses it [sandbox/unavailable]\n`,
  });
  world.interrupt.abort();
  expect(await ended).toBe(130);
});

test("an interrupt before it listens ends it, too", async () => {
  const world = makeWorld({ argv: "sandbox", ...around });
  world.interrupt.abort();
  expect(await run(world)).toBe(130);
});

test.each([
  ["--traffic 5", "--traffic counts only with --deliver [deliver/missing]"],
  ["--route a.example.com=http://127.0.0.1:1", "--route counts only with --deliver [deliver/missing]"],
  ["--deliver-to a.example.com", "--deliver-to counts only with --deliver [deliver/missing]"],
  ["--deliver --traffic 0", "Give a number above 0, at most 1000."],
  ["--deliver --traffic 1001", "Give a number above 0, at most 1000."],
  ["--deliver --traffic 1e2", "Give a number above 0, at most 1000."],
  ["--deliver --route a.example.com=https://b.example.com", "must lead to this machine"],
  ["--deliver --route a.example.com", "must be FROM=TO"],
  ["--deliver --deliver-to https://a.example.com", "Give a host, with or without a port"],
])("`sandbox %s` is refused before it serves", async (flags, why) => {
  const { status, out, err } = await runWorld({ argv: `sandbox ${flags}`, ...around });
  expect([status, out]).toEqual([1, ""]);
  expect(err).toContain(why);
});
