// `reconcile sandbox`: serves the embedded Genesys Cloud until Ctrl-C.
import { openSandbox } from "../../app/sandbox.ts";
import type { World } from "../../app/world.ts";

export async function runSandbox(flags: { readonly port: number }, world: World): Promise<number> {
  const sandbox = await openSandbox(world, { ...flags, writes: true });
  const { credentials, apiUrl, tokenUrl } = sandbox.platform;
  world.stdout.write(
    [
      `GENESYS_CLIENT_ID=${credentials.clientId}`,
      `GENESYS_CLIENT_SECRET=${credentials.clientSecret}`,
      `GENESYS_API_URL=${apiUrl}`,
      `GENESYS_TOKEN_URL=${tokenUrl}`,
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
