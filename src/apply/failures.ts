// Lists the failures once more, in few words, because a reader of a long result looks at its end.
import { count } from "../lib/count.ts";
import type { Files } from "../lib/files.ts";
import { readFaultPlace } from "../manifest/read.ts";
import { nowhere, type Diagnostic, type Place } from "../model/diagnostic.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { diagnosticOf, platformCodeIn, ReconcileError, type FieldFault } from "../model/errors.ts";
import { allOperations, type Operation } from "../model/plan.ts";
import type { Applied } from "./apply-plan.ts";

/** Each operation shows its own error, so a reader needs no more sentences than this. */
const maxFailures = 20;

/** Returns an applied plan's failures at their manifests' places, and the reason why it stopped. */
export async function describeFailures(
  { plan, stopped, faults }: Applied,
  files: Files,
): Promise<readonly Diagnostic[]> {
  const operations = allOperations(plan);
  const failed = operations.filter(({ status }) => status === "failed" || status === "unknown");
  const places = new Map(plan.groups.map(({ group, place }) => [group, place]));
  const diagnostics: Diagnostic[] = [];
  for (const operation of failed.slice(0, maxFailures)) {
    const place = places.get(operation.group ?? "");
    const [fault] = faults.get(operation) ?? [];
    const at = place && fault ? await placeOf(fault, { place, operation }, files) : (place ?? nowhere);
    diagnostics.push({ ...errorOf(operation), ...at });
  }
  const more = failed.length - diagnostics.length;
  if (more > 0)
    diagnostics.push({
      ...problem("operation/failed", `${count(more, "more operation")} failed`),
      ...nowhere,
    });
  const skipped = operations.filter(({ status, frozen }) => status === "skipped" && !frozen).length;
  if (stopped !== null && skipped > 0) {
    const message = `${stopped}: ${skipped} of ${operations.length} operations were not started`;
    diagnostics.push({
      ...problem("run/stopped", message),
      hint: "the next pass does what is left",
      ...nowhere,
    });
  }
  return diagnostics;
}

/** Finds the place of the manifest's key that the platform refused. */
async function placeOf(
  fault: FieldFault,
  { place, operation }: { readonly place: Place; readonly operation: Operation },
  files: Files,
): Promise<Place> {
  return operation.after ? readFaultPlace(fault, { place, document: operation.after }, files) : place;
}

function errorOf({
  status,
  action,
  group,
  endpoint,
  error,
  platformCode,
}: Operation): Omit<Diagnostic, keyof typeof nowhere> {
  const code = status === "unknown" ? "operation/unknown" : "operation/failed";
  const where = group === null ? "" : ` in group "${group}"`;
  const message = `${action} of ${shownEndpoint(endpoint)}${where}: ${error ?? status}`;
  return { ...problem(code, message), ...platformCodeIn({ platformCode }) };
}

function problem(
  code: string,
  message: string,
): Pick<Diagnostic, "severity" | "code" | "message" | "hint"> {
  return { severity: "error", code, message, hint: null };
}

/** Returns the error of a record that could not be written. */
export async function complaintOf(recording: Promise<unknown>): Promise<readonly Diagnostic[]> {
  try {
    await recording;
    return [];
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return [diagnosticOf(error)];
  }
}
