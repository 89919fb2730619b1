// `reconcile test`: asks the platform what an event would do to a group's live resources. It changes nothing.
import { makeCommandResult } from "../../model/result.ts";
import { reportEventTest } from "../../report/event-test.ts";
import { desiredSource, readSettings, type PassFlags } from "../../app/pass-settings.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import { testEvent } from "../../app/test-event.ts";
import type { World } from "../../app/world.ts";

export interface TestFlags extends Pick<
  PassFlags,
  "manifests" | "config" | "sandbox" | "progress" | "verbose"
> {
  readonly group: string;
  readonly eventType?: string;
  readonly output: "text" | "json";
}

/** `file`: the path of the event. Returns the exit status: 0 only if the event would start something. */
export async function runTest(file: string, flags: TestFlags, world: World): Promise<number> {
  const { group, eventType, output, ...rest } = flags;
  const passFlags = { ...rest, dryRun: true, concurrency: 1, deadline: 60 } as const;
  const settings = await readSettings(passFlags, world);
  const source = { task: "test", flags: passFlags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = await runSession(settings, source, (ports, here) => {
    const desired = { ...desiredSource(here.settings, passFlags), allowEmpty: false };
    const { owner } = here.settings.config;
    return testEvent({ file, group, eventType, desired, owner }, ports);
  });
  const { eventType: tested = null, tests = [] } = ending ?? {};
  const result = makeCommandResult(facts, tests.length > 0);
  return reportEventTest({ result, group, eventType: tested, tests }, world, output);
}
