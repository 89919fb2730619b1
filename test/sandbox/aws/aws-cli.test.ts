// The embedded AWS judged by AWS' command line, which has models and a parser of its own: from a source to a route and
// back, as a person would.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxAws } from "../../../src/sandbox/aws/aws-account.ts";
import { arnOf, makeAwsClient, makeFeed, pattern, region, source, targetOf } from "./aws-client.ts";
import { startServed } from "./served.ts";

const isMissing = spawnSync("aws", ["--version"]).status !== 0;
/** The command takes seconds to start on a busy machine. */
const timeout = 300_000;

describe.skipIf(isMissing)(
  `AWS' command line${isMissing ? " (skipped: aws is not installed)" : ""}`,
  () => {
    const home = mkdtempSync(join(tmpdir(), "reconcile-aws-"));
    let close: () => Promise<void>;
    let url = "";

    beforeAll(async () => {
      const genesys = makeAwsClient();
      genesys.nowMs = Date.now();
      genesys.renewToken();
      makeFeed(genesys);
      const served = await startServed(genesys.state);
      url = served.url;
      close = () => served.close();
    }, timeout);
    afterAll(async () => {
      await close();
      rmSync(home, { recursive: true });
    });

    /** Its output, or the words of its error. The command reads no settings of the user who runs the tests. */
    async function aws(...words: readonly string[]): Promise<unknown> {
      const env = {
        ...{ PATH: process.env["PATH"], HOME: home, AWS_REGION: region, AWS_DEFAULT_REGION: region },
        AWS_ACCESS_KEY_ID: sandboxAws.accessKeyId,
        AWS_SECRET_ACCESS_KEY: sandboxAws.secretAccessKey,
        ...{ AWS_EC2_METADATA_DISABLED: "true", AWS_MAX_ATTEMPTS: "1", AWS_PAGER: "" },
        ...(process.env["PYENV_ROOT"] !== undefined && { PYENV_ROOT: process.env["PYENV_ROOT"] }),
      };
      const argv = ["--endpoint-url", url, "--output", "json", ...words];
      const run = promisify(execFile)("aws", argv, { env });
      const { stdout, stderr } = await run.catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      );
      return stdout === "" ? stderr.trim() : (JSON.parse(stdout) as unknown);
    }

    const events = (...words: readonly string[]) => aws("events", ...words);
    const onBus = ["--event-bus-name", source];

    test("says who asks", { timeout }, async () => {
      expect(await aws("sts", "get-caller-identity")).toEqual({
        UserId: "AIDASANDBOX",
        ...{ Account: sandboxAws.account, Arn: `arn:aws:iam::${sandboxAws.account}:user/sandbox` },
      });
    });

    test("makes a route and takes it away", { timeout }, async () => {
      await events("create-event-bus", "--name", source, "--event-source-name", source);
      expect(await events("describe-event-source", "--name", source)).toMatchObject({ State: "ACTIVE" });
      const parameters = { ApiKeyAuthParameters: { ApiKeyName: "x-key", ApiKeyValue: "hidden" } };
      const { ConnectionArn } = (await events(
        ...["create-connection", "--name", "pipeline", "--authorization-type", "API_KEY"],
        ...["--auth-parameters", JSON.stringify(parameters)],
      )) as { readonly ConnectionArn: string };
      // As a word of its own, the older command line would fetch the address.
      const destination = {
        ...{ Name: "alpha-1", ConnectionArn, HttpMethod: "POST" },
        InvocationEndpoint: "https://pipeline.example.com/genesys",
      };
      const { ApiDestinationArn } = (await events(
        ...["create-api-destination", "--cli-input-json", JSON.stringify(destination)],
      )) as { readonly ApiDestinationArn: string };
      expect(await events("put-rule", "--name", "alpha-1", ...onBus, "--event-pattern", pattern)).toEqual({
        RuleArn: arnOf(`rule/${source}/alpha-1`),
      });
      const targets = JSON.stringify([targetOf(ApiDestinationArn)]);
      const ofRule = ["--rule", "alpha-1", ...onBus];
      expect(await events("put-targets", ...ofRule, "--targets", targets)).toMatchObject({
        FailedEntryCount: 0,
      });
      expect(await events("list-targets-by-rule", ...ofRule)).toEqual({
        Targets: [targetOf(ApiDestinationArn)],
      });
      const remove = ["delete-rule", "--name", "alpha-1", ...onBus];
      expect(await events(...remove)).toMatch(
        /\(ValidationException\) when calling the DeleteRule operation: Rule can't be deleted since it has targets\.$/,
      );
      await events("remove-targets", ...ofRule, "--ids", "a");
      expect(await events(...remove)).toBe("");
      expect(await events("list-rules", ...onBus)).toEqual({ Rules: [] });
    });
  },
);
