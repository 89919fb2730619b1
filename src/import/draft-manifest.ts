// Makes the manifest of a group that has none, in a file of its own.
import { posix } from "node:path";
import { count } from "../lib/count.ts";
import { isIgnored } from "../manifest/is-ignored.ts";
import { makeSubscriptions } from "../manifest/validate.ts";
import { writeManifest, type WrittenGroup } from "../manifest/write-manifest.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { makeManifestOptions } from "../model/kind.ts";
import type { LiveResource } from "../model/resource.ts";
import { express } from "./express.ts";
import type { GroupImport, ImportOptions } from "./imported.ts";
import { nameManifest } from "./name-manifest.ts";

/** The values that other manifests already use. Each new manifest adds its own. */
export interface Taken {
  readonly names: Set<string>;
  /** The group that uses each offset file, by path. */
  readonly stateFiles: Map<string, string>;
  /** The names of files, in lower case. */
  readonly entries: Set<string>;
}

/** Refuses a group whose manifest our own validator would refuse. */
export function draftManifest(
  { group, live }: { readonly group: string; readonly live: readonly LiveResource[] },
  options: ImportOptions,
  taken: Taken,
): GroupImport {
  const { kinds } = options.rules;
  const expressed = express(live);
  const [first] = expressed.endpoints;
  if (!groupForm.test(group)) return { ok: false, reasons: [misnamed] };
  const [one] = live;
  if (!first || !one) return { ok: false, reasons: [explainEmpty(live)] };
  const { kind } = one;
  const name = nameManifest(
    group,
    (wanted) => taken.names.has(wanted) || taken.entries.has(`${wanted}.yaml`),
  );
  if (isIgnored(`${name}.yaml`, options.ignore)) return { ok: false, reasons: [explainIgnored(name)] };
  const stateFile = chooseStateFile(expressed.stateFiles, taken);
  const isSplit = expressed.endpoints.length > 1;
  const written: WrittenGroup = {
    name,
    group,
    kind,
    endpointUrl: first.url,
    endpointPool: isSplit ? expressed.endpoints : [],
    eventTypes: expressed.eventTypes,
    ...makeManifestOptions({ kinds, kind }, ({ key, defaults }) =>
      expressed.options?.of.key === key ? expressed.options.value : defaults,
    ),
    state: expressed.state,
    offsetTracking: { enabled: true, stateFile: stateFile.path },
    rebalanceMode: isSplit ? "always" : "overLimit",
  };
  const file = posix.join(options.folder, `${name}.yaml`);
  const text = writeManifest(written, {
    ...{ modeline: options.modeline, kinds },
  });
  const made = makeSubscriptions([{ file, text }], options.rules);
  const subscription = made.ok ? made.value.subscriptions[0] : undefined;
  if (!subscription) return { ok: false, reasons: [...reasonsOf(made.diagnostics), ...expressed.notes] };
  taken.names.add(name);
  if (stateFile.path !== null) taken.stateFiles.set(stateFile.path, group);
  taken.entries.add(`${name}.yaml`);
  const notes = [
    ...expressed.notes,
    ...(stateFile.note === null ? [] : [stateFile.note]),
    ...(expressed.endpoints.some(({ url }) => url.includes("?")) ? [inGit] : []),
  ];
  const [eventTypes, endpoints] = [written.eventTypes.length, expressed.endpoints.length];
  const manifest = { file, group, change: "new", eventTypes, endpoints, notes } as const;
  return { ok: true, manifest, text, subscription };
}

export function explainEmpty(live: readonly LiveResource[]): string {
  return `none of its ${live[0]?.kind.nouns ?? "resources"} has an event type; delete them`;
}

const inGit = "an endpoint has a query string: a secret in it would get into Git with the manifest";

/** The pattern of `spec.consumerGroupId` in the schema. */
const groupForm = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/;

/** A manifest that no command reads would look like one that was deleted. */
function explainIgnored(name: string): string {
  return `a pattern of the config's ignore fits ${name}.yaml, so no command would read it: change the pattern, and import again`;
}

const misnamed =
  "a manifest cannot name this group: letters, digits and . _ : -, a letter or digit at the start, at most 200 " +
  "characters; name another one in the descriptions, and import again";

/** The pattern of `spec.offsetTracking.stateFile` in the schema. */
const stateFileForm = /^[^|\p{Cc}\u2028\u2029\p{Cs}]{1,1024}$/u;

/** Takes the first offset file that a description names and no other manifest uses; without one, the manifest has none. */
function chooseStateFile(
  named: readonly string[],
  { stateFiles }: Taken,
): { readonly path: string | null; readonly note: string | null } {
  const path = named.find((one) => stateFileForm.test(one) && !stateFiles.has(one)) ?? null;
  if (path !== null || named.length === 0) return { path, note: null };
  const user = stateFiles.get(named[0] ?? "");
  const why =
    user === undefined
      ? "the descriptions name an offset file that a manifest cannot hold"
      : `the offset file "${named[0] ?? ""}" belongs to group "${user}"`;
  return { path, note: `${why}: stateFile is left out` };
}

/** Further reasons usually repeat the same fault for the next event type. */
const maxReasons = 5;

/** Returns the validator's messages, each with its hint. */
export function reasonsOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const more = errors.length - maxReasons;
  return [
    ...errors
      .slice(0, maxReasons)
      .map(({ message, hint }) => (hint === null ? message : `${message}; ${hint}`)),
    ...(more > 0 ? [`and ${count(more, "more fault")}`] : []),
  ];
}
