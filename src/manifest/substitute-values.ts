// Puts the config's values into the texts of a manifest: `${host}` stands for the value of `host`, and `$${` for `${`.
import { findNearest } from "../lib/did-you-mean.ts";
import { joinWords } from "../lib/join-words.ts";
import { quote } from "../lib/text.ts";
import type { Diagnostic, Fault } from "../model/diagnostic.ts";
import { optionsOf, type Kinds } from "../model/kind.ts";
import { pointTo } from "./pointer.ts";
import { errorAt } from "./problem.ts";
import type { YamlDocument } from "./yaml-document.ts";

export type Values = Readonly<Record<string, string>>;

export interface ValueOptions {
  readonly values: Values;
  /** Whether the text at this JSON pointer may hold placeholders. */
  readonly takesValues: (pointer: string) => boolean;
}

const ownPlaces =
  "metadata/(?:labels|annotations)/[^/]+|" +
  "spec/(?:consumerGroupId|renamedFrom|endpointUrl|endpointPool/\\d+(?:/url)?|offsetTracking/stateFile)";

/** Returns whether the text at a JSON pointer may hold placeholders, in manifests for these kinds. */
export function findValuePlaces(kinds: Kinds): ValueOptions["takesValues"] {
  const places = optionsOf(kinds, null).flatMap(({ key, takesValues = [] }) =>
    takesValues.map((below) => `spec/${key}${below.replaceAll("*", "\\d+")}(?:/.*)?`),
  );
  const pattern = new RegExp(`^/(?:${[ownPlaces, ...places].join("|")})$`);
  return (pointer) => pattern.test(pointer);
}

/** The hint for a placeholder in any other text. */
export const placesOfValues =
  "the config's values are put into URLs, consumerGroupId, stateFile, match values, labels and annotations only";

export function holdsPlaceholder(text: string): boolean {
  return text.includes("${");
}

export interface Substitution {
  readonly problems: readonly Diagnostic[];
  /** JSON pointers of the texts that stay as they are, because not every name in them has a value. */
  readonly faulty: ReadonlySet<string>;
}

/** Replaces the texts in the document's value; its places stay those of the file. */
export function substituteValues(
  document: YamlDocument,
  { values, takesValues }: ValueOptions,
): Substitution {
  const problems: Diagnostic[] = [];
  const faulty = new Set<string>();
  const visit = (parent: object, at: string): void => {
    for (const [key, value] of Object.entries(parent) as [string, unknown][]) {
      if (typeof value === "object" && value !== null) visit(value, pointTo(at, key));
      if (typeof value !== "string" || !holdsPlaceholder(value)) continue;
      const pointer = pointTo(at, key);
      if (!takesValues(pointer)) continue;
      const { text, fault } = fillIn(value, values);
      if (fault) {
        problems.push(errorAt(document.placeOf(pointer), fault));
        faulty.add(pointer);
      } else (parent as Record<string, unknown>)[key] = text;
    }
  };
  visit(document.value as object, "");
  return { problems, faulty };
}

/** Returns the text with the values in it, each as it stands: placeholders in a value are none. */
export function fillIn(
  text: string,
  values: Values,
): { readonly text: string; readonly fault: Fault | null } {
  const unknown = new Set<string>();
  const open: string[] = [];
  const filled = text.replaceAll(
    /\$\$\{|\$\{([^{}]*)(\}?)/g,
    (found, name: string | undefined, end: string | undefined) => {
      if (name === undefined) return "${";
      if (end === "") open.push(name);
      else if (Object.hasOwn(values, name)) return values[name] ?? "";
      else unknown.add(name);
      return found;
    },
  );
  if (open.length > 0) return { text, fault: unclosed };
  return { text: filled, fault: unknown.size > 0 ? noValue([...unknown], Object.keys(values)) : null };
}

/** Whether values could make the second text of the first. */
export function couldBecome(written: string, text: string): boolean {
  const parts = written.split(/\$?\$\{[^{}]*\}/).map((part) => part.replaceAll(/[^\w]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}

/** Returns the text that a manifest has to hold so that the values leave this text. */
export function escapePlaceholders(text: string): string {
  return text.replaceAll("${", () => "$${");
}

const escaping = "write $${ for ${ itself";

const unclosed: Fault = {
  code: "values/unclosed",
  message: "a ${ has no } behind its name",
  hint: `write it as \${name}; ${escaping}`,
};

/** A config with more values than this is listed in part. */
const maxNamed = 10;

function noValue(unknown: readonly string[], known: readonly string[]): Fault {
  const message = `the config has no value for ${joinWords(unknown.map(quote), "and")}`;
  const [first = ""] = unknown;
  const more = known.length > maxNamed ? ` and ${known.length - maxNamed} more` : "";
  const are = `values are ${known.slice(0, maxNamed).join(", ")}${more}`;
  const nearest = findNearest(first, known);
  const hint =
    known.length === 0
      ? `give it one under values in the config, such as \`values: { ${first}: … }\`, or pass --config if another config has it; ${escaping}`
      : nearest === undefined
        ? `the ${are}; ${escaping}`
        : `did you mean "${nearest}"? The ${are}`;
  return { code: "values/unknownName", message, hint };
}
