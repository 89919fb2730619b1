// The options that some kinds alone have, in manifests and in documents: `retryPolicy` of webhooks, for example. The module
// of a kind says all there is to say of its own; code that is not a kind's reaches them by the kind's key.
import { canonicalJsonOfAny } from "../lib/canonical-json.ts";
import type { Fault } from "./diagnostic.ts";
import type { TypeOf } from "./schema/type-of.ts";
import type * as schema from "./schema/document.ts";

/** The published formats name these keys, so the list is closed: a new key stands in schema/document.ts first. */
export type OptionsKey = keyof typeof schema.options;

/** The options of a document by key, as the format has them. */
export type DocumentOptions = Pick<TypeOf<typeof schema.document>, OptionsKey>;

/** The options of a manifest by key, with their defaults filled in. */
export type ManifestOptions = { readonly [K in OptionsKey]: OptionsValue<K> };

export type OptionsValue<K extends OptionsKey = OptionsKey> = NonNullable<DocumentOptions[K]>;

/** What a kind says of its options. The parts that may be absent are those that not every kind needs. */
export interface KindOptions<Value = OptionsValue> {
  /** The key, both in `spec` and in documents. */
  readonly key: OptionsKey;
  /** One group's options and several groups', in a sentence: `retry policy`. */
  readonly noun: string;
  readonly nouns: string;
  /** What a manifest means that does not write them. */
  readonly defaults: Value;
  /** What a document says in place of options that the platform does not report; without it, the document has no key. */
  readonly unset?: Value;
  /** Whether import writes all of them, on one line, or only those that differ from the defaults. */
  readonly written: "whole" | "differing";
  /** What import does where the resources of a group differ in them: it writes the most common ones, or refuses the group. */
  readonly ifDiffering: "commonest" | "refused";
  /** What each value must be, in words, by its pointer below the key; `*` is any item, and `""` is the key itself. */
  readonly expectations: Readonly<Record<string, string>>;
  /** What to tell of a manifest that has them although its resources have not; `nouns`: those resources. */
  readonly misplaced: (nouns: string) => Fault & { readonly severity: "error" | "warning" };
  /** `options` with every value that means the same as the one in `other` spelt as it is there. */
  readonly spellAs: (options: Value, other: Value) => Value;
  /** How a single text below the key is judged, by its pointer, whether the rest of the manifest is well-formed or not. */
  readonly judges?: ReadonlyMap<string, (text: string) => Fault | null>;
  /** Returns the faults of the options of a well-formed manifest. */
  readonly findFaults?: (options: Value) => readonly OptionFault[];
  /** What an event has to fulfil to be delivered, a text for each condition. */
  readonly conditionsOf?: (options: Value) => ReadonlySet<string>;
  /** What a plan shows of the options of a new resource, a line each. */
  readonly describe?: (options: Value) => readonly string[];
}

/** A fault below the key of a kind's options, such as `/matchCriteria/0/value`; `""` is the key itself. */
export interface OptionFault extends Fault {
  readonly pointer: string;
}

/** The key says which options a kind has, and so which ones its functions take. */
export function defineOptions<K extends OptionsKey>(
  options: KindOptions<OptionsValue<K>> & { readonly key: K },
): KindOptions {
  // Options are read by their key, so no function here is handed those of another key.
  return options as unknown as KindOptions;
}

/** Compares by meaning: `PT60S` is `PT1M`. */
export function sameOptions({ spellAs }: KindOptions, one: OptionsValue, other: OptionsValue): boolean {
  return sameJson(spellAs(one, other), other);
}

/** What import writes of options: all of them, or those that differ from the defaults; null where nothing does. */
export function shortenOptions(options: KindOptions, value: OptionsValue): object | null {
  const { defaults, written } = options;
  if (sameOptions(options, value, defaults)) return null;
  if (written === "whole") return value;
  const usual = new Map<string, unknown>(Object.entries(defaults));
  return Object.fromEntries(Object.entries(value).filter(([key, one]) => !sameJson(one, usual.get(key))));
}

/** What differs between the options of two documents, by name, as text. */
export function diffOptions(
  options: KindOptions | null,
  before: DocumentOptions,
  after: DocumentOptions,
): readonly (readonly [name: string, from: string, to: string])[] {
  if (!options) return [];
  const [was, is] = [before, after].map(
    (one) => new Map<string, unknown>(Object.entries(one[options.key] ?? {})),
  );
  return Object.keys(options.defaults)
    .map((name) => [name, textOf(was?.get(name)), textOf(is?.get(name))] as const)
    .filter(([, from, to]) => from !== to);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** Compares to the letter, except for the order of keys. */
export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other) || inOrder(one) === inOrder(other);
}

function inOrder(value: unknown): string {
  return value === undefined ? "" : canonicalJsonOfAny(value);
}
