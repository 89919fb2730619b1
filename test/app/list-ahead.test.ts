// While many manifests are being checked, a pass already lists what is live: it waits less, and asks nothing more.
import { expect, test } from "vitest";
import { triggers } from "../support/kinds.ts";
import { readLive } from "../../src/app/live.ts";
import { joinDrivers } from "../../src/genesys/drivers.ts";
import { makeWebhooksDriver } from "../../src/kinds/webhook/driver.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import { wholeListing } from "../../src/model/listing.ts";
import { asksOrganisation, makeWorld, manifest, runWorld, type WorldOptions } from "../support/world.ts";
import { inSandbox, options, runPass } from "./run-pass.ts";

const note = `  # ${"a long remark ".repeat(20)}`;

/** More than a pass checks at one go. */
function manyFiles(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const groups = Array.from({ length: 300 }, (_, index) => `group-${String(index).padStart(3, "0")}`);
  const files = groups.map(
    (group) => [`subscriptions/${group}.yaml`, manifest(group, { tail: note })] as const,
  );
  return { ...Object.fromEntries(files), ...more };
}

const faulty = manifest("zeta").replace("https://", "ftp://");
const token = "POST /oauth/token";
const webhookList = "GET /api/v2/webhooks";

async function dryRun(files: Readonly<Record<string, string>>, more: Partial<WorldOptions> = {}) {
  const { status, out, err, world } = await runWorld({ argv: "--dry-run --summary", files, ...more });
  return { status, out, err, requests: world.requests.map((request) => request.replace(/\?.*/, "")) };
}

test("each list is asked for once, and the plan holds all manifests", async () => {
  const { status, out, requests } = await dryRun(manyFiles());
  expect(requests).toEqual([token, webhookList, asksOrganisation]);
  expect([status, out]).toEqual([0, expect.stringContaining("300 to create")]);
});

test("a fault in the last manifest is told as ever; the list was asked for, and nothing is made of it", async () => {
  const { status, out, err, requests } = await dryRun(manyFiles({ "subscriptions/zeta.yaml": faulty }));
  expect(requests).toEqual([token, webhookList]);
  expect([status, out]).toEqual([1, ""]);
  expect(err).toContain("subscriptions/zeta.yaml:6:");
});

test.each([
  ["a fault", faulty],
  ["another tool's YAML", "spec: 1\n"],
  ["YAML that nests too deeply", "[".repeat(100_000)],
])("after %s in the first file nothing is asked for", async (_, text) => {
  const { status, requests } = await dryRun(manyFiles({ "subscriptions/alpha.yaml": text }));
  expect([status, requests]).toEqual([1, []]);
});

test("a kind that only the last manifest names is listed as well", async () => {
  const files = manyFiles({ "subscriptions/zeta.yaml": manifest("zeta", { kind: triggers }) });
  const { status, out, requests } = await dryRun(files);
  expect(requests.filter((request) => request === webhookList)).toHaveLength(1);
  expect(requests.filter((request) => request.startsWith(`GET ${triggers.path}`))).toHaveLength(1);
  expect([status, out]).toEqual([0, expect.stringContaining("302 to create")]);
});

test("with a selection the pass lists only what the selected groups need, once all manifests are checked", async () => {
  const files = manyFiles({ "subscriptions/zeta.yaml": faulty });
  const { status, requests } = await dryRun(files, { argv: "--dry-run --summary --group group-001" });
  expect([status, requests]).toEqual([1, []]);
});

test.each([
  ["refused", 403, "api/forbidden"],
  ["unavailable", 503, "api/unavailable"],
])("a list that is %s is told once, and only if the manifests are valid", async (_, code, error) => {
  const intercept: WorldOptions["intercept"] = (request, forward) =>
    request.url.includes("/webhooks")
      ? { status: code, headers: {}, body: JSON.stringify({ message: "no" }) }
      : forward();
  const valid = await dryRun(manyFiles(), { intercept });
  expect([valid.status, valid.err.split(`[${error}]`).length]).toEqual([1, 2]);
  const invalid = await dryRun(manyFiles({ "subscriptions/zeta.yaml": faulty }), { intercept });
  expect([invalid.status, invalid.err.includes(error)]).toEqual([1, false]);
});

test("what was written shortly before a list was asked for is recent, however long the manifests take", async () => {
  const world = makeWorld({ argv: "", files: { "m/alpha.yaml": manifest("alpha") }, manualClock: true });
  await runPass(world);
  const [written] = world.state.webhooks.keys();
  const driver = makeWebhooksDriver({
    api: { request: () => Promise.reject(new Error("nothing is asked")) },
  });
  const ports = {
    ...world,
    organization: inSandbox,
    driverOf: (kinds: ReadonlySet<Kind>) => joinDrivers(new Map([[webhook, driver]]), kinds),
  };
  const scope = { needed: new Set([webhook]), others: new Set<Kind>(), prune: false, groups: null };
  const recentAfter = async (sinceWriteMs: number, sinceListMs: number) => {
    await world.clock.advance(sinceWriteMs);
    const sinceMs = world.clock.monotonic() - sinceListMs;
    const ahead = { lists: new Map([[webhook, Promise.resolve(wholeListing([]))]]), sinceMs };
    const known = await readLive(scope, { audit: options.audit, ahead }, ports);
    return [...known.recent];
  };
  expect(await recentAfter(65_000, 20_000)).toEqual([written]);
  expect(await recentAfter(0, 1_000)).toEqual([]);
});
