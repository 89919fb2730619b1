// The loop at its own seam: what ends it early, and what is asked only when it is needed.
import { expect, test } from "vitest";
import { makeWorld, manifest, trailOf } from "../support/world.ts";
import { path, runPass } from "./run-pass.ts";

test("a dry run ends after the plan, and asks nobody who runs it", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha") } });
  const { result, asked } = await runPass(world, { dryRun: true });
  expect(result).toMatchObject({
    ok: true,
    dryRun: true,
    summary: { create: 1 },
    traffic: { requests: 2 },
  });
  expect([asked, trailOf(world.files, path)]).toEqual([[], []]);
});

test("a pass with work applies it on record; one without ends there", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha") } });
  const first = await runPass(world);
  expect(first.asked).toEqual(["provenance", "applying 1/1"]);
  expect(trailOf(world.files, path).map(({ event, actor }) => `${event} by ${actor}`)).toEqual(
    ["run.started", "change.intended", "change.applied", "run.finished"].map(
      (event) => `${event} by me@here`,
    ),
  );
  const second = await runPass(world);
  expect([second.asked, second.result.summary.unchanged, trailOf(world.files, path).length]).toEqual([
    [],
    1,
    4,
  ]);
});

test("a torn last line is set aside with a warning, and blocks nothing", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha"), [path]: '{"seq":1,"torn' } });
  const { result, warned } = await runPass(world);
  expect([result.ok, warned.length]).toEqual([true, 1]);
  expect(warned[0]).toMatch(/^warn: /);
});

test("an unknown group ends the pass after the list; what was asked is counted", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha") } });
  const { result } = await runPass(world, { selection: { groups: ["nobody"], labels: null } });
  expect(result).toMatchObject({ ok: false, operations: [], traffic: { requests: 2 } });
});

test("invalid manifests are recorded with the run's own id, and nothing is asked of the platform", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": "nonsense" } });
  const { result } = await runPass(world);
  expect(trailOf(world.files, path)).toMatchObject([{ event: "validation.failed", runId: result.runId }]);
  expect([result.ok, world.requests]).toEqual([false, []]);
});
