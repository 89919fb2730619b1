// What the daemon says of that at which a pass could not look: green means looked at.
import { expect, test } from "vitest";
import { answer, manifest, trailOf, type Intercept } from "../support/world.ts";
import type { DaemonView } from "../../src/daemon/view.ts";
import type { Condition } from "../../src/daemon/conditions.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const files = {
  "subscriptions/alpha.yaml": manifest("alpha"),
  "subscriptions/beta.yaml": manifest("beta"),
};
const intervalMs = 66_000;
const longestBackoffMs = 300_000;

function statusesOf({ conditions }: DaemonView): Readonly<Record<string, string>> {
  return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
}

function conditionOf({ conditions }: DaemonView, type: Condition["type"]): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

async function breakManifest(daemon: TestDaemon): Promise<void> {
  await daemon.world.files.write("subscriptions/beta.yaml", "kind: Nonsense\n");
  daemon.touch();
}

function webhookOf({ world: { state } }: TestDaemon, group: string) {
  const found = [...state.webhooks.values()].find(({ name }) => name.startsWith(`${group}-`));
  if (!found) throw new Error(`no webhook of ${group}`);
  return found;
}

test("while the platform is away nothing is called converged, since when it is away", async () => {
  let isDown = false;
  const intercept: Intercept = (_request, forward) => (isDown ? answer(403) : forward());
  const daemon = await startDaemon({ argv: "watch --interval 60s", files, intercept });
  await daemon.pass(0);
  isDown = true;
  const away = await daemon.pass(intervalMs);
  expect(statusesOf(away)).toEqual({
    ...{ Ready: "False", ManifestsValid: "True" },
    ...{ PlatformReachable: "False", Converged: "Unknown", NoOrphans: "Unknown" },
  });
  const converged = conditionOf(away, "Converged");
  const firstFailure = away.history.findLast(({ ok }) => !ok);
  expect(converged).toMatchObject({ reason: "NotChecked", since: firstFailure?.finishedAt });
  const later = await daemon.pass(longestBackoffMs);
  expect(conditionOf(later, "Converged")?.since).toBe(converged?.since);
  isDown = false;
  expect(statusesOf(await daemon.pass(longestBackoffMs))["Converged"]).toBe("True");
  await daemon.stop();
});

test("with settings that cannot be read, nothing else is known", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  const header = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
  await daemon.world.files.write("reconcile.yaml", `${header}environment: nowhere.example\n`);
  daemon.touch();
  const view = await daemon.pass(300);
  expect(view.lastPass?.ok).toBe(false);
  expect(statusesOf(view)).toEqual({
    ...{ Ready: "False", ManifestsValid: "Unknown" },
    ...{ PlatformReachable: "Unknown", Converged: "Unknown", NoOrphans: "Unknown" },
  });
  await daemon.stop();
});

test("with an invalid manifest drift is looked for and shown, and nothing is written", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  await breakManifest(daemon);
  const looked = await daemon.pass(300);
  expect(statusesOf(looked)).toEqual({
    ...{ Ready: "False", ManifestsValid: "False" },
    ...{ PlatformReachable: "True", Converged: "Unknown", NoOrphans: "Unknown" },
  });
  const [alpha, beta] = [webhookOf(daemon, "alpha"), webhookOf(daemon, "beta")];
  daemon.world.state.webhooks.set(alpha.id, { ...alpha, state: "disabled" });
  daemon.world.state.webhooks.delete(beta.id);
  daemon.world.logged.length = 0;
  daemon.world.requests.length = 0;
  const recorded = trailOf(daemon.world.files).length;
  const drifted = await daemon.pass(longestBackoffMs);
  expect(conditionOf(drifted, "Converged")).toMatchObject({
    ...{ status: "False", reason: "DriftFound" },
    message:
      "someone else changed or deleted 2 resources; nothing is changed until every manifest is valid",
  });
  expect(drifted.lastPass?.drift).toBe(2);
  expect(daemon.world.logged).toContain("warn: drift: someone else changed state");
  expect(daemon.world.logged).toContain("warn: drift: someone else deleted it");
  const { driftLog } = (await (await daemon.get("/api/status")).json()) as {
    driftLog: readonly { kind: string; group: string; status: string }[];
  };
  expect(driftLog).toMatchObject([
    { kind: "changed", group: "alpha", status: "open" },
    { kind: "deleted", group: "beta", status: "open" },
  ]);
  expect(daemon.world.requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
  expect(trailOf(daemon.world.files)).toHaveLength(recorded);
  // What was planned last is still on show.
  expect(drifted.result?.summary["create"]).toBe(2);

  await daemon.world.files.write("subscriptions/beta.yaml", manifest("beta"));
  daemon.touch();
  const mended = await daemon.pass(300);
  expect(mended).toMatchObject({ healed: 2, lastPass: { ok: true } });
  await daemon.stop();
});

test("with an invalid manifest and the platform away, both are said", async () => {
  let isDown = false;
  const intercept: Intercept = (_request, forward) => (isDown ? answer(403) : forward());
  const daemon = await startDaemon({ argv: "watch", files, intercept });
  await daemon.pass(0);
  isDown = true;
  await breakManifest(daemon);
  const view = await daemon.pass(300);
  expect(statusesOf(view)).toEqual({
    ...{ Ready: "False", ManifestsValid: "False" },
    ...{ PlatformReachable: "False", Converged: "Unknown", NoOrphans: "Unknown" },
  });
  expect(conditionOf(view, "ManifestsValid")?.message).not.toContain("and 1 more");
  await daemon.stop();
});

test("a daemon that never saw valid manifests knows nothing of what is live", async () => {
  const daemon = await startDaemon({
    argv: "watch",
    files: { "subscriptions/beta.yaml": "kind: Nonsense\n" },
  });
  const view = await daemon.pass(0);
  expect(statusesOf(view)).toEqual({
    ...{ Ready: "False", ManifestsValid: "False" },
    ...{ PlatformReachable: "Unknown", Converged: "Unknown", NoOrphans: "Unknown" },
  });
  await daemon.world.files.write("subscriptions/beta.yaml", manifest("beta"));
  daemon.touch();
  await daemon.pass(300);
  expect(daemon.world.logged).toContain("info: PlatformReachable is True: the platform answers");
  await daemon.stop();
});

test("no manifest yet is a beginning; an emptied folder is a fault", async () => {
  const daemon = await startDaemon({ argv: "watch", files: {} });
  const view = await daemon.pass(0);
  expect(conditionOf(view, "ManifestsValid")).toMatchObject({ status: "False", reason: "NoManifests" });
  expect(conditionOf(view, "Ready")).toMatchObject({ status: "False", reason: "NoManifests" });
  expect(JSON.stringify(view.conditions)).not.toContain("no pass has ended");
  expect(conditionOf(await daemon.pass(longestBackoffMs), "Ready")?.reason).toBe("NoManifests");
  await daemon.world.files.write("subscriptions/beta.yaml", manifest("beta"));
  daemon.touch();
  expect((await daemon.pass(300)).lastPass?.ok).toBe(true);
  await daemon.world.files.remove("subscriptions/beta.yaml");
  daemon.touch();
  const emptied = await daemon.pass(300);
  expect(conditionOf(emptied, "ManifestsValid")?.reason).toBe("InvalidManifests");
  await daemon.stop();

  // After a restart the trail knows that there were some.
  const next = await startDaemon({ argv: "watch", from: daemon.world });
  expect(conditionOf(await next.pass(0), "ManifestsValid")?.reason).toBe("InvalidManifests");
  await next.stop();
});
