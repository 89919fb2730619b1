// Writes what an organisation answers as Markdown, and names what the embedded sandbox answers differently.
import { makeApi } from "../../src/genesys/client/api.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { sandboxCredentials } from "../../src/sandbox/context.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState } from "../../src/sandbox/state.ts";
import { onlyOurs } from "./only-ours.ts";
import { probe, type Observation, type ProbePorts } from "./probe.ts";

/** Asks the embedded sandbox the same. It is not told which workflows exist, and so takes any. */
export async function probeSandbox(ports: ProbePorts): Promise<readonly Observation[]> {
  const { clock, name } = ports;
  const state = makeState();
  // The client hides its token in answers, so no id may contain another one.
  let count = 0;
  const random = { next: () => 0.5, id: () => `probe-${String((count += 1)).padStart(6, "0")}` };
  const api = makeApi({
    ...{
      kinds: builtInKinds,
      clock,
      random,
      credentials: sandboxCredentials,
      rateShare: 1,
      readOnly: false,
    },
    ...{ apiUrl: "https://api.sandbox.invalid", tokenUrl: "https://login.sandbox.invalid/oauth/token" },
    send: (request) => Promise.resolve(handle(state, request, { nowMs: clock.now(), random }).response),
  });
  return probe({
    ...ports,
    integrations: onlyOurs(api, { path: "/api/v2/integrations", name }),
    triggers: onlyOurs(api, { path: "/api/v2/processautomation/triggers", name }),
  });
}

/** Lines of Markdown. */
export function writeReport(
  seen: readonly Observation[],
  sandbox: readonly Observation[],
): readonly string[] {
  const expected = new Map(sandbox.map((one) => [one.what, one]));
  const differing = seen.flatMap((one) => {
    const other = expected.get(one.what);
    return other ? describeDifference(one, other) : [`- ${one.what}: only asked here`];
  });
  return [
    "## What this organisation answers",
    "",
    "| asked | answer | figures | fields |",
    "| --- | --- | --- | --- |",
    ...seen.map(
      ({ what, answer, figures, shape }) => `| ${[what, answer, figures, shape].map(cell).join(" | ")} |`,
    ),
    "",
    "## What the sandbox answers differently",
    "",
    ...(differing.length > 0 ? differing : ["nothing"]),
  ];
}

function describeDifference(one: Observation, other: Observation): readonly string[] {
  if (one.answer !== other.answer) return [`- ${one.what}: ${one.answer}; the sandbox: ${other.answer}`];
  if (one.shape === other.shape) return [];
  return [`- ${one.what}: the fields are ${cell(one.shape)}; the sandbox's ${cell(other.shape)}`];
}

function cell(text: string): string {
  return text === "" ? "-" : text.replaceAll("|", "/");
}
