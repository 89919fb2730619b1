// Walks one disabled route through its life in a real AWS account, on the default event bus: a rule, its target and an API
// destination are made, read, changed and deleted again. The rule is disabled all the while, so no endpoint is called.
import { openAws } from "../../src/aws/open-aws.ts";
import { removeRoute } from "../../src/kinds/route/remove-route.ts";
import { readRoute, type OnBus } from "../../src/kinds/route/read-routes.ts";
import { writeRoute } from "../../src/kinds/route/write-route.ts";
import { route } from "../../src/kinds/route/kind.ts";
import { sha256Hex } from "../../src/lib/hash.ts";
import type { Random } from "../../src/lib/random.ts";
import type { AwsAccess, EventBridgeApi } from "../../src/model/aws-api.ts";
import { diffDocuments } from "../../src/model/document-diff.ts";
import { errorText, invariant, ReconcileError } from "../../src/model/errors.ts";
import type { Send } from "../../src/model/http.ts";
import { partName } from "../../src/model/ownership.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import type { Around } from "./walk.ts";

export interface LiveAwsOptions {
  readonly region: string | undefined;
  /** The ARN of a connection that exists; without it nothing is walked. */
  readonly connection: string | undefined;
  /** The ARN of a role that EventBridge may assume. */
  readonly role: string | undefined;
}

export interface LiveAwsWorld extends Around {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly send: Send;
  readonly random: Random;
  /** Replaces AWS; null for the real one. */
  readonly embedded: AwsAccess["embedded"];
}

/** The exit status: 1 where something failed or was left behind. */
export async function runLiveAws(options: LiveAwsOptions, world: LiveAwsWorld): Promise<0 | 1> {
  const { region = "us-east-1", connection, role } = options;
  const { print } = world;
  if (connection === undefined || role === undefined) {
    print("skipped: no route in AWS is walked without --aws-connection and --aws-role");
    return 0;
  }
  const mark = sha256Hex(world.random.id()).slice(0, 12);
  try {
    await walkRoute({ region, connection, role, mark }, world);
    return 0;
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    print(`  ✗ ${errorText(error)}`);
    return 1;
  }
}

interface Walking extends Record<"region" | "connection" | "role" | "mark", string> {
  readonly region: string;
}

async function walkRoute({ region, connection, role, mark }: Walking, world: LiveAwsWorld): Promise<void> {
  const { print, clock, random, variables, send, interrupted, embedded } = world;
  const aws = openAws(
    { profile: null, assumeRole: null, region, embedded },
    {
      ...{ clock, random, send, variables, interrupted, guard: undefined, readOnly: false },
      onWait: () => undefined,
      onRequest: () => undefined,
    },
  );
  const { account, arn } = await aws.identify();
  const group = `live-${mark}`;
  const made = documentOf(group, ["v2.users.{id}.presence"]);
  const changed = documentOf(group, ["v2.users.{id}.presence", "v2.users.{id}.station"]);
  print(
    `AWS account ${account}, ${region}, as ${arn}: one disabled rule on the default event bus, called ${made.name}`,
  );
  const on: OnBus = {
    api: onlyNamed(aws.eventBridge(region), made.name),
    bus: { account, region, name: "default", feed: "" },
    settings: {
      ...{ account, region, source: group, roleArn: role, deadLetterArn: null, settleMs: 0 },
      connections: [{ hosts: ["*"], arn: connection }],
    },
  };
  try {
    expectSame(made, (await writeRoute(made, null, on)).live);
    print("  ✓ create  destination, rule and target, read again as they were sent");
    if (interrupted.aborted) throw new ReconcileError("live/interrupted", "interrupted");
    expectSame(changed, (await writeRoute(changed, group, on)).live);
    print("  ✓ update  and read again, as it was sent");
  } finally {
    await removeRoute(made.name, null, on);
    const left = await readRoute(made.name, on);
    print(
      left
        ? `  ✗ delete  ${made.name} is there still`
        : "  ✓ delete  target, rule and destination, and gone",
    );
  }
}

function documentOf(group: string, eventTypes: readonly string[]): ResourceDocument {
  const endpoint = `https://${group}.example.com/hook`;
  return {
    ...{ kind: route.name, name: partName(route, group, { endpoint, number: 1 }), endpoint, eventTypes },
    ...{ retryPolicy: route.options?.defaults as never, state: "disabled" },
    description: `Consumer group: ${group} | Managed by: reconcile (${group})`,
  };
}

function expectSame(sent: ResourceDocument, stored: LiveResource): void {
  const paths = diffDocuments(sent, stored, route).map(({ path }) => path);
  if (paths.length === 0) return;
  throw new ReconcileError(
    "live/different",
    `AWS stored something else than was sent: ${paths.join(", ")}`,
  );
}

/** Writes nothing but what has this name, whatever the code around it does. */
function onlyNamed(api: EventBridgeApi, name: string): EventBridgeApi {
  return {
    call: (action, input) => {
      const its = [input["Name"], input["Rule"]].filter((one) => one !== undefined);
      invariant(
        /^(?:List|Describe)/.test(action) || (its.length > 0 && its.every((one) => one === name)),
        "only what this run makes is written",
      );
      return api.call(action, input);
    },
  };
}
