// `reconcile catalog pull`: writes the topics that the organisation offers to the catalogue, which manifests are checked
// against.
import { compareText } from "../../lib/compare.ts";
import { count } from "../../lib/count.ts";
import { formatCatalog, isEventType } from "../../manifest/catalog.ts";
import { readCatalog } from "../../manifest/read.ts";
import { readDesired, type DesiredSource } from "../../manifest/read-desired.ts";
import { nowhere, type Diagnostic, type Loaded } from "../../model/diagnostic.ts";
import type { UnreadTopics } from "../../genesys/topics.ts";
import { refusalReason, systemErrorCode } from "../../model/errors.ts";
import { makeCommandResult } from "../../model/result.ts";
import type { Topic } from "../../model/topic.ts";
import { reportCatalog, type PulledCatalog } from "../../report/catalog.ts";
import { readSettings, type PassFlags } from "../../app/pass-settings.ts";
import { passOptions } from "../../app/run-options.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import type { SessionPorts } from "../../app/session-ports.ts";
import type { World } from "../../app/world.ts";
import { refreshSchema } from "./refresh-schema.ts";

export interface CatalogFlags extends Pick<
  PassFlags,
  "config" | "dryRun" | "sandbox" | "progress" | "verbose"
> {
  readonly out?: string;
  readonly output: "text" | "json";
}

const defaultFile = "event-types.txt";

/** Editors go by the catalogue that the config names. */
const anotherCatalog = { schema: null, diagnostics: [] } as const;

/** Returns the exit status. */
export async function runCatalogPull(flags: CatalogFlags, world: World): Promise<number> {
  // For the platform this is a dry run: the command writes a file on this machine only.
  const passFlags: PassFlags = { ...flags, dryRun: true, concurrency: 1, deadline: 60 };
  const settings = await readSettings(passFlags, world);
  const progress = makeProgress(world, flags.progress);
  const source = { task: "catalog pull", flags: passFlags, world, progress };
  const { facts, ending } = await runSession(settings, source, async (ports, here) => {
    const named = here.settings.config.catalog;
    const file = flags.out ?? named ?? defaultFile;
    const dryRun = flags.dryRun === true;
    const { desired } = passOptions(here.settings, passFlags, here.environment);
    const found = await pull({ file, environment: here.environment, dryRun, desired }, ports);
    if (!found.ok) return { pulled: null, diagnostics: found.diagnostics };
    const isNamed = file === named;
    const { schema, diagnostics } =
      isNamed || named === null
        ? await refreshSchema(
            { configFile: here.settings.config.file, dryRun },
            found.value.topics,
            ports.files,
          )
        : anotherCatalog;
    const pulled = { ...found.value, dryRun, isNamed, schema };
    return { pulled, diagnostics: [...found.diagnostics, ...diagnostics] };
  });
  const dryRun = ending ? flags.dryRun === true : facts.dryRun;
  const result = makeCommandResult({ ...facts, dryRun });
  return reportCatalog({ result, pulled: ending?.pulled ?? null }, world, flags.output);
}

interface PullOptions {
  readonly file: string;
  readonly environment: string;
  readonly dryRun: boolean;
  readonly desired: DesiredSource;
}

async function pull(
  { file, environment, dryRun, desired }: PullOptions,
  ports: SessionPorts,
): Promise<Loaded<Omit<PulledCatalog, "dryRun" | "isNamed" | "schema">>> {
  // The file is checked first, so that a wrong path fails before a token is requested.
  const before = await readBefore(file, ports);
  if (!before.ok) return before;
  ports.onProgress("reading the topics", 0, 0);
  const { topics: offered, unread } = await ports.readTopics();
  const listed = offered.filter(({ id }) => isEventType(id));
  const leftOut = offered.length - listed.length;
  const unlisted = await findUnlisted(listed, desired, ports);
  const kept = unlisted ?? [];
  const topics = [...listed, ...kept.map((id) => ({ id, transports: [] }))];
  const of = environment === "sandbox" ? "the sandbox" : environment;
  const heading = `The event types of ${of}, written by \`reconcile catalog pull\`; after each, its transports.`;
  const lacks = unread.map(({ kind }) => ` The list of the topics of ${kind.nouns} could not be read.`);
  const unwritable = dryRun
    ? []
    : await write(file, formatCatalog([heading, ...lacks].join(""), listed, kept), ports);
  const value = { file, topics, ...compare(before.value, topics) };
  const warnings = [
    ...describeLeftOut(leftOut, offered.length),
    ...unread.map(describeUnread),
    ...(unlisted === null ? [notCompared] : describeKept(unlisted)),
  ];
  return unwritable.length > 0
    ? { ok: false, diagnostics: unwritable }
    : { ok: true, value, diagnostics: warnings };
}

/**
 * Returns the event types of webhooks in the manifests about which the platform's list does not speak: it has no topic with
 * their first part. A catalogue without them would make these manifests invalid. Returns null if the manifests are invalid.
 */
async function findUnlisted(
  listed: readonly Topic[],
  desired: DesiredSource,
  { files }: SessionPorts,
): Promise<readonly string[] | null> {
  const read = await readDesired({ ...desired, catalog: null, allowEmpty: true }, files);
  if (!read.ok) return read.diagnostics.every(({ code }) => code === "folder/missing") ? [] : null;
  const firsts = new Set(listed.map(({ id }) => firstPart(id)));
  const used = read.value
    .filter(({ kind }) => kind.topics === null)
    .flatMap(({ eventTypes }) => eventTypes);
  return [...new Set(used)].filter((eventType) => !firsts.has(firstPart(eventType))).toSorted(compareText);
}

function firstPart(eventType: string): string {
  return eventType.slice(0, eventType.indexOf("."));
}

function compare(
  before: readonly Topic[],
  after: readonly Topic[],
): Pick<PulledCatalog, "added" | "removed" | "otherTransports"> {
  const had = new Map(before.map(showTransports));
  const has = new Map(after.map(showTransports));
  return {
    added: [...has.keys()].filter((id) => !had.has(id)),
    removed: [...had.keys()].filter((id) => !has.has(id)),
    otherTransports: [...has].filter(([id, are]) => had.has(id) && had.get(id) !== are).map(([id]) => id),
  };
}

function showTransports({ id, transports }: Topic): [string, string] {
  return [id, transports.toSorted().join()];
}

function describeLeftOut(leftOut: number, offered: number): readonly Diagnostic[] {
  if (leftOut === 0) return [];
  const message = `${leftOut} of the ${offered} topics cannot be written in a manifest, and are left out`;
  return [diagnosticWithoutPlace("warning", { code: "catalog/leftOut", message, hint: null })];
}

function describeKept(kept: readonly string[]): readonly Diagnostic[] {
  const [first] = kept;
  if (first === undefined) return [];
  const names = `${first}${kept.length > 1 ? ` and ${kept.length - 1} more` : ""}`;
  const message =
    `the platform does not list ${count(kept.length, "event type")} of the manifests (${names}), nor any that begins in the ` +
    "same way, so the catalogue keeps what the manifests have";
  const hint =
    "the catalogue names them at its end: remove from the manifests those that do not exist, and pull again";
  return [diagnosticWithoutPlace("warning", { code: "catalog/kept", message, hint })];
}

function describeUnread({ kind, transport, error }: UnreadTopics): Diagnostic {
  const message =
    `${error.message}; so the catalogue has no topic that only ${kind.nouns} can have, and goes by the common list of ` +
    `topics for the transport ${transport}`;
  const hint = "pull again with a client that may read that list";
  return diagnosticWithoutPlace("warning", { code: "catalog/unreadTopics", message, hint });
}

/** Reads the entries of the existing file. A file that is not a catalogue may hold anything, so it is not overwritten. */
async function readBefore(file: string, { files }: SessionPorts): Promise<Loaded<readonly Topic[]>> {
  const read = await readCatalog(file, files);
  const isAbsent = read.diagnostics.every(
    ({ code }) => code === "catalog/missing" || code === "catalog/empty",
  );
  if (read.ok) return read;
  if (isAbsent) return { ok: true, value: [], diagnostics: [] };
  const message = `${file} exists and is not a catalogue, so it is left as it is`;
  const hint = "name another file with --out, or correct or remove this one";
  return {
    ok: false,
    diagnostics: [diagnosticWithoutPlace("error", { code: "catalog/notOne", message, hint })],
  };
}

async function write(file: string, text: string, { files }: SessionPorts): Promise<readonly Diagnostic[]> {
  try {
    await files.write(file, text, { throughLinks: true });
    return [];
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    const message = `${file} cannot be written: ${refusalReason(code)}`;
    return [diagnosticWithoutPlace("error", { code: "catalog/unwritable", message, hint: null })];
  }
}

const notCompared = diagnosticWithoutPlace("warning", {
  code: "catalog/notCompared",
  message:
    "the manifests are invalid, so the catalogue keeps none of their event types that the platform does not list",
  hint: "`reconcile validate` shows what is wrong; correct it, and pull again",
});

function diagnosticWithoutPlace(
  severity: Diagnostic["severity"],
  text: Pick<Diagnostic, "code" | "message" | "hint">,
): Diagnostic {
  return { severity, ...text, ...nowhere };
}
