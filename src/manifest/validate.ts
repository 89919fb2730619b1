// Makes the desired subscriptions from manifest files, or returns everything that is wrong with them.
import { count } from "../lib/count.ts";
import { hasErrors, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import { makeDraft, type Draft } from "./draft.ts";
import { subscriptionFormat, type Format } from "./expectations.ts";
import { validateWebhookSubscription } from "./generated/validators.js";
import { collectForeign, type ReadFrom } from "./foreign-files.ts";
import { findForeign } from "./identify.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { limitDiagnostics } from "./problem.ts";
import type { RuleOptions } from "./rules/rule.ts";
import { rules } from "./rules/rules.ts";
import { checkSchema } from "./schema-problems.ts";
import { findValuePlaces, substituteValues, type ValueOptions } from "./substitute-values.ts";

/** The text of a manifest file; `file` is its path as the user would type it, with `/`. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
}

export interface Validation {
  readonly add: (manifest: ManifestFile) => void;
  /** Returns the kinds of the manifests that were added; none as soon as a fault was found. */
  readonly soundKinds: () => ReadonlySet<Kind>;
  /** Returns the subscriptions of all manifests that were added, or everything that is wrong with them. */
  readonly end: () => Loaded<{ readonly subscriptions: readonly Subscription[] }>;
  /** Returns the subscriptions of the groups in whose manifests no fault was found, even if other manifests have one. */
  readonly faultless: () => readonly Subscription[];
}

/**
 * Keeps the order of the files and their documents. Never throws, whatever the texts hold. Only the subscription of
 * each manifest stays in memory, so that ten thousand of them fit.
 */
export function makeSubscriptions(
  files: readonly ManifestFile[],
  options: RuleOptions,
): ReturnType<Validation["end"]> {
  const validation = startValidation(options);
  for (const file of files) validation.add(file);
  return validation.end();
}

/** Each file that is far too long costs the parser seconds, so that sixty of them would cost minutes. */
const maxTooLong = 3;

/** The same, one file after the other. `from`: the folders that the files come from, and what the config ignores there. */
export function startValidation(options: RuleOptions, from: ReadFrom = namedFiles): Validation {
  const checks = rules.map((rule) => rule(options));
  const format = subscriptionFormat(options.kinds);
  const filling = { values: options.values, takesValues: findValuePlaces(options.kinds) };
  const subscriptions: Subscription[] = [];
  const faultyGroups = new Set<string>();
  const kinds = new Set<Kind>();
  let isFaultless = true;
  const found: (readonly Diagnostic[])[] = [];
  const skipped: string[] = [];
  const foreign = collectForeign(from);
  let tooLongs = 0;
  const report = (problems: readonly Diagnostic[]): void => {
    if (problems.length === 0) return;
    found.push(problems);
    isFaultless &&= !hasErrors(problems);
  };
  return {
    add: ({ file, text }) => {
      if (tooLongs === maxTooLong) {
        skipped.push(file);
        return;
      }
      const parsed = parseYaml(text, file);
      const { documents, diagnostics } = parsed;
      if (diagnostics.some(({ code }) => code === "yaml/tooLong")) tooLongs += 1;
      if (foreign.take({ file, text }, parsed)) {
        isFaultless = false;
        return;
      }
      report(diagnostics);
      const taken = new Set(diagnostics.map(placeKey));
      for (const document of documents) {
        const { draft, problems } = checkDocument(document, { format, filling, kinds: options.kinds });
        // The parser has already reported a value that it could not read.
        report(problems.filter((problem) => !taken.has(placeKey(problem))));
        if (!draft) continue;
        const faults = checks.flatMap((check) => check(draft));
        report(faults);
        const isFaulty = [diagnostics, problems, faults].some(hasErrors);
        if (isFaulty && draft.group) faultyGroups.add(draft.group.value);
        if (!draft.subscription) continue;
        subscriptions.push(draft.subscription);
        kinds.add(draft.subscription.kind);
      }
    },
    soundKinds: () => (isFaultless ? kinds : noKinds),
    end: () => {
      report(foreign.end());
      report(describeSkipped(skipped));
      const diagnostics = found.flat();
      const shown = limitDiagnostics(diagnostics);
      if (hasErrors(diagnostics)) return { ok: false, diagnostics: shown };
      return { ok: true, value: { subscriptions }, diagnostics: shown };
    },
    faultless: () => subscriptions.filter(({ group }) => !faultyGroups.has(group)),
  };
}

const namedFiles: ReadFrom = { folders: [], ignore: [] };
const noKinds: ReadonlySet<Kind> = new Set();

function describeSkipped(files: readonly string[]): readonly Diagnostic[] {
  const [file] = files;
  if (file === undefined) return [];
  const message = `${count(files.length, "more file")} from here on ${files.length === 1 ? "was" : "were"} not read, because ${maxTooLong} files are far too long`;
  const hint = "mend those first";
  return [{ severity: "error", code: "yaml/notRead", message, hint, file, line: 1, column: 1 }];
}

function placeKey({ line, column }: Diagnostic): string {
  return `${line ?? 0}:${column ?? 0}`;
}

function checkDocument(
  document: YamlDocument,
  {
    format,
    filling,
    kinds,
  }: { readonly format: Format; readonly filling: ValueOptions; readonly kinds: Kinds },
): {
  readonly draft: Draft | null;
  readonly problems: readonly Diagnostic[];
} {
  const foreign = findForeign(document, format.kind);
  if (foreign) return { draft: null, problems: [foreign] };
  const unfilled = substituteValues(document, filling);
  const { diagnostics, faulty: malformed } = checkSchema(document, format, validateWebhookSubscription);
  const taken = new Set(unfilled.problems.map(placeKey));
  const others = diagnostics.filter((problem) => !taken.has(placeKey(problem)));
  const problems = [...unfilled.problems, ...others];
  const faulty = new Set([...malformed, ...unfilled.faulty]);
  return { draft: makeDraft(document, { faulty, isWhole: problems.length === 0, kinds }), problems };
}
