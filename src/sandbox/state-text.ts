// The sandbox's state as the text of a file: a line for each resource.
import { awsLists } from "./aws/state-lists.ts";
import type { SandboxResource } from "./resource.ts";
import { builtInResources } from "./resources.ts";
import { makeState, parseJson, type SandboxState } from "./state.ts";
import { isObject } from "./webhook-rules.ts";

const formatVersion = 1;

export function formatState(
  state: SandboxState,
  resources: readonly SandboxResource[] = builtInResources,
): string {
  const texts = [...resources, ...awsLists]
    .map(({ list, isRequired, entriesOf }) => ({ list, isRequired, entries: entriesOf(state) }))
    .filter(({ isRequired, entries }) => isRequired || entries.length > 0)
    .map(({ list, entries }) => `"${list}":[\n${entries.map((one) => JSON.stringify(one)).join(",\n")}\n]`);
  return `{"formatVersion":${formatVersion},${texts.join(",")}}\n`;
}

/** Parses the text of `formatState`, by the same rules as requests. */
export function parseState(
  text: string,
  resources: readonly SandboxResource[] = builtInResources,
): { readonly ok: true; readonly state: SandboxState } | { readonly ok: false; readonly problem: string } {
  const file = parseJson(text);
  if (!isObject(file)) return { ok: false, problem: "it is not a JSON object" };
  if (file["formatVersion"] !== formatVersion) {
    return { ok: false, problem: `its formatVersion is not ${formatVersion}` };
  }
  const state = makeState();
  for (const { noun, list, isRequired, add } of [...resources, ...awsLists]) {
    const entries = file[list] ?? (isRequired ? undefined : []);
    if (!Array.isArray(entries)) {
      const problem = isRequired ? `it has no list of ${list}` : `its ${list} are not a list`;
      return { ok: false, problem };
    }
    for (const [index, entry] of entries.entries()) {
      const problem = add(state, entry);
      if (problem !== undefined) return { ok: false, problem: `${noun} ${index + 1}${problem}` };
    }
  }
  return { ok: true, state };
}
