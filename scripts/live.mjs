// Makes, reads, changes and deletes one disabled resource of each kind in a real organisation, and reports which
// kinds exist there. Then it prints, as Markdown to keep, what no public source tells of the platform, and what the
// embedded sandbox answers differently.
// `npm run live -- --environment mypurecloud.com`, with GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET in the environment.
import { parseArgs } from "node:util";
import { createJiti } from "jiti";

const { values } = parseArgs({
  options: {
    environment: { type: "string" },
    "aws-account": { type: "string" },
    "aws-region": { type: "string" },
    workflow: { type: "string" },
  },
});
const jiti = createJiti(import.meta.url);
const { runLive } = await jiti.import("../test/live/live.ts");
const { makeSend } = await jiti.import("../src/genesys/client/send.ts");
const { systemClock } = await jiti.import("../src/lib/clock.ts");
const { systemRandom } = await jiti.import("../src/lib/random.ts");

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
process.once("SIGTERM", () => interrupt.abort());

process.exitCode = await runLive(
  {
    environment: values.environment,
    awsAccount: values["aws-account"],
    awsRegion: values["aws-region"],
    workflow: values.workflow,
    report: true,
  },
  {
    variables: process.env,
    openSend: (proxies) => makeSend({ proxies }),
    clock: systemClock,
    random: systemRandom,
    interrupted: interrupt.signal,
    print: (line) => console.log(line),
  },
);
