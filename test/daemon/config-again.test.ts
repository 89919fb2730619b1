// The daemon reads its config again before each pass: other values, and paths with manifests from a repository.
import { expect, test } from "vitest";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { noCommit, manifest } from "../support/world.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const config = (more: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${more}\n`;

const endpointsIn = ({ world }: TestDaemon) =>
  [...world.state.webhooks.values()].map(({ endpoint }) => endpoint);

test("another value in the config is applied, and a missing one changes nothing", async () => {
  const alpha = manifest("alpha").replace("events.example.com", "${host}");
  const files = {
    "reconcile.yaml": config("values: { host: one.example.com }"),
    "subscriptions/a.yaml": alpha,
  };
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  expect(endpointsIn(daemon)).toEqual(["https://one.example.com/alpha"]);
  daemon.world.files.set("reconcile.yaml", config("values: { hosts: two.example.com }"));
  daemon.touch();
  expect((await daemon.pass(300)).lastPass?.ok).toBe(false);
  expect(endpointsIn(daemon)).toEqual(["https://one.example.com/alpha"]);
  daemon.world.files.set("reconcile.yaml", config("values: { host: two.example.com }"));
  daemon.touch();
  expect((await daemon.pass(300)).lastPass?.ok).toBe(true);
  expect(endpointsIn(daemon)).toEqual(["https://two.example.com/alpha"]);
  await daemon.stop();
});

test.each([
  ["beside the working directory names folders of the repository", "/etc/reconcile/r.yaml", "declared"],
  ["below it names them as from its place there", "envs/prod/r.yaml", "../../declared"],
])("with `--git`, a config %s", async (_, file, path) => {
  const files = makeMemoryFiles({ "declared/a.yaml": manifest("alpha") });
  const daemon = await startDaemon({
    argv: `watch --git https://git.example.com/x.git --config ${file}`,
    files: { [file]: config(`manifests: ${path}`) },
    fetchRevision: () =>
      Promise.resolve({
        commit: "c".repeat(40),
        files,
        findAncestry: () => Promise.resolve(new Map()),
        openCommit: noCommit,
      }),
  });
  expect((await daemon.pass(0)).lastPass?.ok).toBe(true);
  expect(endpointsIn(daemon)).toEqual(["https://events.example.com/alpha"]);
  await daemon.stop();
});
