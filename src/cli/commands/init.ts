// `reconcile init`: a repository's first files. What is there already is kept.
import { findFiles } from "../../manifest/find-files.ts";
import { errorText, ReconcileError, systemErrorCode } from "../../model/errors.ts";
import type { World } from "../world.ts";

const examplePath = "subscriptions/example.yaml";
const ownerForm = /^[A-Za-z0-9._-]{1,63}$/;

export async function runInit(flags: { readonly owner?: string }, world: World): Promise<number> {
  const owner = flags.owner ?? (await world.repositoryName());
  if (!ownerForm.test(owner)) {
    const hint = "letters, digits, `.`, `_` and `-`, at most 63, as in --owner contact-centre";
    throw new ReconcileError("owner/malformed", `"${owner}" cannot be an owner`, { hint });
  }
  const hasManifests = (await findFiles("subscriptions", world.files)).found.size > 0;
  for (const [path, text] of Object.entries(startingFiles(owner))) {
    const there = await exists(path, world);
    // Beside manifests that are there already, an example would be one more webhook to create.
    if (path === examplePath && hasManifests && !there) continue;
    if (!there) await write(path, text, world);
    world.stdout.write(`${there ? "kept   " : "written"}  ${path}\n`);
  }
  await ignoreLocalFiles(world);
  world.stdout.write(
    "\nNext, see what these manifests would do, and edit them:\n  npx --package genesys-webhook-reconciler reconcile plan --sandbox\n",
  );
  return 0;
}

async function write(path: string, text: string, world: World): Promise<void> {
  try {
    await world.files.write(path, text);
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    const hint =
      "give this user write permission on its folder, and see that no file has the folder's name";
    throw new ReconcileError("init/unwritable", `${path} cannot be written: ${errorText(cause)}`, {
      hint,
      cause,
    });
  }
}

async function exists(path: string, world: World): Promise<boolean> {
  try {
    await world.files.stat(path);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    // A file where the folder should be: writing there says so.
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}

const localFiles = [".env", ".reconcile/", "audit-logs/"];

/** Secrets, state and the trail do not belong in Git. */
async function ignoreLocalFiles(world: World): Promise<void> {
  const path = ".gitignore";
  const text = (await exists(path, world)) ? new TextDecoder().decode(await world.files.read(path)) : "";
  const lines = new Set(text.split(/\r?\n/));
  const missing = localFiles.filter((name) => !lines.has(name));
  if (missing.length === 0) return;
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await write(path, `${text}${gap}${missing.join("\n")}\n`, world);
  world.stdout.write(`added     ${missing.join(", ")} to ${path}\n`);
}

function startingFiles(owner: string): Record<string, string> {
  return {
    "reconcile.yaml": `apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
# Where your organisation is: a region's domain, or its AWS region.
environment: mypurecloud.com
# Written into each webhook: only webhooks of this owner are ever changed or deleted.
owner: "${owner}"
`,
    [examplePath]: `# An example: put your own name, endpoint and event types in before the first real run.
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: example
spec:
  endpointUrl: https://events.example.com/genesys
  eventTypes:
    - routing.queue.conversation.created
    - routing.queue.conversation.updated
  offsetTracking:
    stateFile: /var/data/example-offsets.json
`,
    ".github/workflows/reconcile.yml": workflow,
  };
}

const workflow = `name: reconcile
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  check:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - run: npx --yes --package genesys-webhook-reconciler reconcile validate
      # A pull request from a fork has no secrets: its plan is left out.
      - run: npx --yes --package genesys-webhook-reconciler reconcile --dry-run
        if: github.event.pull_request.head.repo.full_name == github.repository
        env:
          GENESYS_CLIENT_ID: \${{ secrets.GENESYS_CLIENT_ID }}
          GENESYS_CLIENT_SECRET: \${{ secrets.GENESYS_CLIENT_SECRET }}
  sync:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    concurrency: reconcile
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - run: npx --yes --package genesys-webhook-reconciler reconcile
        env:
          GENESYS_CLIENT_ID: \${{ secrets.GENESYS_CLIENT_ID }}
          GENESYS_CLIENT_SECRET: \${{ secrets.GENESYS_CLIENT_SECRET }}
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: audit-trail, path: audit-logs/, if-no-files-found: ignore }
`;
