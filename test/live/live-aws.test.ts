// The walk of a real AWS account, on the embedded one: it makes what it says, takes all of it away again, and nothing else.
import { expect, test } from "vitest";
import { sandboxAws } from "../../src/sandbox/aws/aws-account.ts";
import { handleAws } from "../../src/sandbox/aws/handle-aws.ts";
import type { SandboxQuirks } from "../../src/sandbox/quirks.ts";
import { makeState } from "../../src/sandbox/state.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { putRoute } from "../support/routes.ts";
import { runLiveAws, type LiveAwsOptions } from "./live-aws.ts";

const connection = "arn:aws:events:us-east-1:123456789012:connection/pipeline/0a1b2c3d";
const role = "arn:aws:iam::123456789012:role/deliver";

async function walk(options: Partial<LiveAwsOptions>, quirks: SandboxQuirks = {}) {
  const state = makeState();
  const theirs = { endpoint: "https://x.example.org", eventTypes: ["a.b"], description: "theirs" };
  putRoute(state, { ...theirs, name: "theirs" });
  const before = JSON.stringify([...state.aws.rules, ...state.aws.destinations]);
  const clock = makeFakeClock();
  clock.autoAdvance();
  const { accessKeyId, secretAccessKey } = sandboxAws;
  const lines: string[] = [];
  const actions: string[] = [];
  let ids = 0;
  const random = { next: () => 0.5, id: () => `id-${(ids += 1)}` };
  const status = await runLiveAws(
    { region: "us-east-1", connection, role, ...options },
    {
      ...{ clock, random, variables: {}, interrupted: new AbortController().signal },
      print: (line) => void lines.push(line),
      embedded: { endpoint: "http://127.0.0.1:9", accessKeyId, secretAccessKey },
      send: (request) => {
        actions.push(request.headers["x-amz-target"]?.split(".")[1] ?? "GetCallerIdentity");
        const context = { nowMs: clock.now(), random, quirks, aws: { connections: [connection] } };
        return Promise.resolve(handleAws(state, request, context).response);
      },
    },
  );
  const isClean = JSON.stringify([...state.aws.rules, ...state.aws.destinations]) === before;
  return {
    status,
    lines,
    isClean,
    writes: actions.filter((action) => !/^(List|Describe|Get)/.test(action)),
  };
}

test("a disabled route is made, changed and deleted, and nothing else is written", async () => {
  const { status, lines, isClean, writes } = await walk({});
  expect([status, isClean, lines.length]).toEqual([0, true, 4]);
  expect(lines[0]).toMatch(
    /^AWS account 123456789012, us-east-1, as .*: one disabled rule on the default event bus, called live-/,
  );
  expect(lines.slice(1).every((line) => line.startsWith("  ✓ "))).toBe(true);
  expect(writes).toEqual([
    ...["CreateApiDestination", "PutRule", "PutTargets", "PutRule"],
    ...["RemoveTargets", "DeleteRule", "DeleteApiDestination"],
  ]);
});

test("without a connection and a role nothing is asked", async () => {
  expect(await walk({ connection: undefined })).toMatchObject({
    status: 0,
    writes: [],
    lines: [expect.stringMatching(/^skipped: /)],
  });
});

test.each(["PutRule", "PutTargets", "CreateApiDestination"])(
  "where AWS refuses %s, what was made is taken away",
  async (action) => {
    const { status, isClean, lines } = await walk({}, { deniedActions: [action] });
    expect([status, isClean]).toEqual([1, true]);
    expect(lines.some((line) => line.includes(`AWS refuses events:${action}`))).toBe(true);
  },
);
