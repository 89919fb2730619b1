// Runs commands whose config delivers through AWS: the product's client asks the embedded AWS, in one process.
import { openAws } from "../../../src/aws/open-aws.ts";
import { sandboxAws } from "../../../src/sandbox/aws/aws-account.ts";
import { effectiveRules } from "../../../src/sandbox/aws/effective-rules.ts";
import { handleAws, isForAws } from "../../../src/sandbox/aws/handle-aws.ts";
import type { HttpResponse } from "../../../src/model/http.ts";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import type { AwsAccess } from "../../../src/model/aws-api.ts";
import { loggedIn, makeWorld, organisationOfTests, type TestWorld } from "../../support/world.ts";
import { run } from "../../../src/cli/run.ts";

const connection = "arn:aws:events:us-east-1:123456789012:connection/pipeline/0a1b2c3d";

export const topics = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus", "v2.users.{id}.station"];

/** `webhooks`: the settings of the config's `aws.webhooks`; null for a config without that key. */
export function configOf(webhooks: { readonly settle?: string } | null): string {
  const own =
    webhooks === null
      ? ""
      : `
  webhooks:
    account: "123456789012"
    region: us-east-1
    roleArn: arn:aws:iam::123456789012:role/deliver
    connections: [{ hosts: ["*.example.com"], arn: "${connection}" }]
    deadLetterArn: arn:aws:sqs:us-east-1:123456789012:undelivered
    settle: ${webhooks.settle ?? "PT60S"}`;
  return `apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
owner: team
aws:
  associate: true${own}
`;
}

export interface AwsRun {
  readonly status: number;
  readonly out: string;
  readonly world: TestWorld;
  /** The actions of AWS that were asked for, in order. */
  readonly actions: readonly string[];
  /** How AWS was opened. */
  readonly access: readonly AwsAccess[];
  /** The event types that nothing delivered at the time of some request. */
  readonly gaps: ReadonlySet<string>;
}

export type Around = (what: string, forward: () => HttpResponse) => HttpResponse | Promise<HttpResponse>;

/** `watched`: the event types that are to be delivered all the time. */
export async function runWithAws(
  argv: string,
  given: {
    readonly files?: Readonly<Record<string, string>>;
    readonly from?: TestWorld;
    readonly quirks?: SandboxQuirks;
    readonly watched?: readonly string[];
    /** Called before each request to AWS. */
    readonly before?: (action: string) => void;
    /** Stands between the client and both platforms: `what` is `POST /path` of Genesys Cloud, or the action of AWS. */
    readonly around?: Around;
    readonly processes?: Partial<TestWorld["processes"]>;
    readonly environment?: Readonly<Record<string, string>>;
    /** The files of each Git revision, by ref and by path. */
    readonly revisions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    /** Hands out the world before the command runs. */
    readonly onWorld?: (world: TestWorld) => TestWorld;
  },
): Promise<AwsRun> {
  const {
    files = {},
    from,
    quirks = from?.quirks ?? {},
    watched = [],
    before,
    onWorld = (world) => world,
  } = given;
  const { around = (_, forward) => forward(), processes, environment = {}, revisions = {} } = given;
  const access: AwsAccess[] = [];
  const actions: string[] = [];
  const gaps = new Set<string>();
  const world: TestWorld = makeWorld({
    argv,
    quirks,
    ...(from ? { from } : { files }),
    ...(processes ? { processes } : {}),
    ...{ environment: { ...loggedIn, ...environment }, revisions },
    openAws: (asked, ports) => {
      access.push(asked);
      const { accessKeyId, secretAccessKey } = sandboxAws;
      const embedded = { endpoint: "http://127.0.0.1:9", accessKeyId, secretAccessKey };
      return openAws({ ...asked, embedded }, ports);
    },
    intercept: (request, forward) => {
      const nowMs = world.clock.now();
      for (const eventType of watched) if (!isDelivered(world, eventType, nowMs)) gaps.add(eventType);
      if (!isForAws(request)) return around(`${request.method} ${new URL(request.url).pathname}`, forward);
      const action =
        request.headers["x-amz-target"]?.split(".")[1] ??
        new URLSearchParams(request.body ?? "").get("Action") ??
        "";
      actions.push(action);
      before?.(action);
      const { random } = world;
      const context = { nowMs, random, quirks, organisation: organisationOfTests };
      return around(
        action,
        () =>
          handleAws(world.state, request, {
            ...{ ...context, nowMs: world.clock.now() },
            aws: { connections: [connection] },
          }).response,
      );
    },
  });
  if (from) for (const [path, text] of Object.entries(files)) await world.files.write(path, text);
  const status = await run(onWorld(world));
  world.expectNoSecret();
  return { status, out: world.out() + world.err(), world, actions, gaps, access };
}

function isDelivered({ state }: TestWorld, eventType: string, nowMs: number): boolean {
  const byWebhook = [...state.webhooks.values()].some(
    (one) => one.state === "enabled" && one.eventTypes.includes(eventType),
  );
  const isFed = [...state.integrations.values()].some(
    ({ intendedState, config }) =>
      intendedState === "ENABLED" && (config.properties.eventFilter ?? []).includes(eventType),
  );
  const isRuled = effectiveRules(state, nowMs).some(
    ({ pattern, targets }) => pattern.includes(JSON.stringify(eventType)) && targets.length > 0,
  );
  return byWebhook || (isFed && isRuled);
}
