// Makes, reads, changes and deletes one disabled resource of each kind in a real organisation, and reports which
// kinds exist there. Then it prints, as Markdown to keep, what no public source tells of the platform, and what the
// embedded sandbox answers differently.
// `npm run live -- --environment mypurecloud.com`, with GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET in the environment. With
// --aws-connection ARN and --aws-role ARN it also walks a disabled route in the AWS account of the default credentials.
import { parseArgs } from "node:util";
import { createJiti } from "jiti";

const { values } = parseArgs({
  options: {
    environment: { type: "string" },
    "aws-account": { type: "string" },
    "aws-region": { type: "string" },
    workflow: { type: "string" },
    "aws-connection": { type: "string" },
    "aws-role": { type: "string" },
  },
});
const jiti = createJiti(import.meta.url);
const { runLive } = await jiti.import("../test/live/live.ts");
const { runLiveAws } = await jiti.import("../test/live/live-aws.ts");
const { makeSend } = await jiti.import("../src/genesys/client/send.ts");
const { systemClock } = await jiti.import("../src/lib/clock.ts");
const { systemRandom } = await jiti.import("../src/lib/random.ts");

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
process.once("SIGTERM", () => interrupt.abort());

const print = (line) => console.log(line);
const around = { clock: systemClock, random: systemRandom, interrupted: interrupt.signal, print };
const walked = await runLive(
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
    ...around,
  },
);

const routed = await runLiveAws(
  { region: values["aws-region"], connection: values["aws-connection"], role: values["aws-role"] },
  { ...around, variables: process.env, send: makeSend({ proxies: process.env }), embedded: null },
);
process.exitCode = Math.max(walked, routed);
