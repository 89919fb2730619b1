// `reconcile sandbox`: serves the embedded Genesys Cloud until Ctrl-C.
import { openSandbox } from "../../app/sandbox.ts";
import type { World } from "../../app/world.ts";

export interface SandboxFlags {
  readonly port: number;
  /** Print the variables that reach the embedded AWS, too. */
  readonly aws?: true;
}

export async function runSandbox(flags: SandboxFlags, world: World): Promise<number> {
  const sandbox = await openSandbox(world, { port: flags.port, writes: true });
  const { aws } = sandbox;
  const { credentials, apiUrl, tokenUrl } = sandbox.platform;
  world.stdout.write(
    [
      `GENESYS_CLIENT_ID=${credentials.clientId}`,
      `GENESYS_CLIENT_SECRET=${credentials.clientSecret}`,
      `GENESYS_API_URL=${apiUrl}`,
      `GENESYS_TOKEN_URL=${tokenUrl}`,
      ...(flags.aws
        ? [
            `AWS_ENDPOINT_URL=${aws.endpointUrl}`,
            `AWS_ACCESS_KEY_ID=${aws.accessKeyId}`,
            `AWS_SECRET_ACCESS_KEY=${aws.secretAccessKey}`,
            `AWS_REGION=${aws.region}`,
          ]
        : []),
      "",
    ].join("\n"),
  );
  world.stderr.write("The sandbox runs until Ctrl-C; its resources are kept in .reconcile/sandbox.json\n");
  await new Promise<void>((resolve) => {
    if (world.interrupted.aborted) resolve();
    world.interrupted.addEventListener("abort", () => {
      resolve();
    });
  });
  await sandbox.close();
  return 0;
}
