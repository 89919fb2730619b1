// Shows the result of `reconcile test`, as text or as JSON.
import pc from "picocolors";
import { plain, plainJson } from "../lib/plain.ts";
import { count } from "../lib/count.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { showCriterion } from "../model/event-test.ts";
import type { TestedResource } from "../model/tested-resource.ts";
import type { CommandResult } from "../model/result.ts";
import { annotate } from "./annotate.ts";
import { showDiagnostics } from "./diagnostics.ts";
import type { ReportPorts } from "./ports.ts";
import { describeTarget } from "./summary.ts";

interface EventTestReport {
  readonly result: CommandResult;
  readonly group: string;
  /** Null if an error kept the event from being tested. */
  readonly eventType: string | null;
  readonly tests: readonly TestedResource[];
}

/** Returns the exit status: 0 if the event would start something on every resource that was tested, else 1. */
export async function reportEventTest(
  report: EventTestReport,
  ports: ReportPorts,
  output: "text" | "json",
): Promise<number> {
  const { result, tests } = report;
  if (output === "json") ports.stdout.write(showJson(report));
  else {
    const stream = tests.length > 0 ? ports.stdout : ports.stderr;
    const diagnostics = await showDiagnostics(result.diagnostics, ports.files, stream);
    stream.write(`${tests.length > 0 ? showBody(report, stream.colours) : ""}${diagnostics}`);
  }
  await annotate(result.diagnostics, ports);
  return result.ok ? 0 : 1;
}

function showBody({ result, group, eventType, tests }: EventTestReport, colours: boolean): string {
  const paint = pc.createColors(colours);
  const markOf = (is: boolean | null): string =>
    is === null ? "?" : is ? paint.green("✓") : paint.red("✗");
  const line = (is: boolean | null, words: string): string => `  ${markOf(is)} ${plain(words)}\n`;
  const target = describeTarget(result);
  return [
    ...(target === null ? [] : [`${plain(target)}\n\n`]),
    ...tests.map(({ live, test }) => {
      const { kind, id, endpoint, state } = live;
      const noun = kind.eventTest?.target.noun ?? "";
      const which = tests.length === 1 ? "" : `  (${kind.noun} ${id})`;
      const title = `${group}  ${eventType ?? ""} → ${shownEndpoint(endpoint)}${which}`;
      return [
        `${paint.bold(plain(title))}\n`,
        line(test.matches, "the event matches"),
        ...(test.schema ? [line(test.schema.matches, "it has the form of its topic")] : []),
        ...(test.target ? [line(test.target.matches, `the ${noun} exists and is active`)] : []),
        ...(state === "enabled" ? [] : [line(false, `the ${kind.noun} is enabled`)]),
        ...(test.criteria ?? []).map((criterion) => line(criterion.matches, showCriterion(criterion))),
        "\n",
      ].join("");
    }),
    ...(result.ok
      ? [
          `The event would start ${count(tests.length, tests[0]?.live.kind.eventTest?.target.noun ?? "")}.\n`,
        ]
      : []),
  ].join("");
}

/** Ends with a line break. */
function showJson({ result, group, eventType, tests }: EventTestReport): string {
  const { formatVersion, dryRun, ok, runId, environment, owner, traffic, diagnostics } = result;
  const object = {
    ...{ formatVersion, dryRun, ok, runId, environment, owner, group, eventType },
    tests: tests.map(({ live: { id, name, endpoint, state }, test }) => ({
      ...{ id, name, endpoint, state },
      ...test,
    })),
    ...{ traffic, diagnostics },
  };
  return `${plainJson(JSON.stringify(object, null, 2))}\n`;
}
