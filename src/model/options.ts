// The options that only some kinds have, in manifests and in documents, such as `retryPolicy` of webhooks. The module of a
// kind holds all that concerns its options; other code reaches them by the kind's key.
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

/** The options of a kind. The optional members are those that not every kind needs. */
export interface KindOptions<Value = OptionsValue> {
  /** The key, both in `spec` and in documents. */
  readonly key: OptionsKey;
  /** The words for one group's options and for several groups': `retry policy`. */
  readonly noun: string;
  readonly nouns: string;
  /** The values of a manifest that does not write them. */
  readonly defaults: Value;
  /** The value in a document if the platform reports no options; without it, the document leaves the key out. */
  readonly unset?: Value;
  /**
   * The fields that a manifest need not state: the live resource keeps its own value, and a new one gets the platform's
   * default. The defaults have none of them.
   */
  readonly mayBeUnstated?: readonly string[];
  /** Whether import writes all of them, on one line, or only those that differ from the defaults. */
  readonly written: "whole" | "differing";
  /** If the resources of a group differ in them, import writes the most common value, or refuses the group. */
  readonly ifDiffering: "commonest" | "refused";
  /** Describes each value that a manifest may have, by its pointer below the key; `*` is any item, and `""` is the key itself. */
  readonly expectations: Readonly<Record<string, string>>;
  /** Returns the diagnostic for a manifest of another kind that has this key; `nouns` names that kind's resources. */
  readonly misplaced: (nouns: string) => Fault & { readonly severity: "error" | "warning" };
  /** Returns `options` with the spelling of `other` for every value that means the same. */
  readonly spellAs: (options: Value, other: Value) => Value;
  /** The pointers below the key at which, and below which, texts may hold placeholders such as `${host}`. */
  readonly takesValues?: readonly string[];
  /** Functions that judge a single text below the key, by its pointer, even if the rest of the manifest is malformed. */
  readonly judges?: ReadonlyMap<string, (text: string) => Fault | null>;
  /** Returns the faults of the options of a well-formed manifest. */
  readonly findFaults?: (options: Value) => readonly OptionFault[];
  /** Returns what a well-formed manifest should rather not state. */
  readonly findWarnings?: (options: Value) => readonly OptionFault[];
  /** Returns one text for each condition that an event must fulfil to be delivered. */
  readonly conditionsOf?: (options: Value) => ReadonlySet<string>;
  /** Returns the lines by which a plan shows the options of a new resource. */
  readonly describe?: (options: Value) => readonly string[];
}

/** A fault below the key of a kind's options, such as `/matchCriteria/0/value`; `""` is the key itself. */
export interface OptionFault extends Fault {
  readonly pointer: string;
}

/** Makes the options of a kind. The key decides which values its functions take. */
export function defineOptions<K extends OptionsKey>(
  options: KindOptions<OptionsValue<K>> & { readonly key: K },
): KindOptions {
  // Options are read by their key, so no function here gets the options of another key.
  return options as unknown as KindOptions;
}

/** Compares by meaning: `PT60S` is `PT1M`. A field that only one of them states is a difference. */
export function sameOptions({ spellAs }: KindOptions, one: OptionsValue, other: OptionsValue): boolean {
  return sameJson(spellAs(one, other), other);
}

/** Returns the names of all fields. */
export function fieldsOf({ defaults, mayBeUnstated = [] }: KindOptions): readonly string[] {
  return [...Object.keys(defaults), ...mayBeUnstated];
}

/** Returns `value` with each field of `other` that `value` need not state, and does not. */
export function fillUnstated(
  { mayBeUnstated = [] }: KindOptions,
  value: OptionsValue,
  other: OptionsValue,
): OptionsValue {
  const filled = Object.entries(other).filter(([name]) => mayBeUnstated.includes(name) && !(name in value));
  return filled.length === 0 ? value : { ...value, ...Object.fromEntries(filled) };
}

/** Returns `value` without each field that `wanted` need not state, and does not. */
export function dropUnstated(
  { mayBeUnstated = [] }: KindOptions,
  value: OptionsValue,
  wanted: OptionsValue,
): OptionsValue {
  const dropped = mayBeUnstated.filter((name) => name in value && !(name in wanted));
  if (dropped.length === 0) return value;
  const kept = Object.entries(value).filter(([name]) => !dropped.includes(name));
  return Object.fromEntries(kept) as unknown as OptionsValue;
}

/** Returns the options that import writes: all, or those that differ from the defaults; null if none differ. */
export function shortenOptions(options: KindOptions, value: OptionsValue): object | null {
  const { defaults, written } = options;
  if (sameOptions(options, value, defaults)) return null;
  if (written === "whole") return value;
  const usual = new Map<string, unknown>(Object.entries(defaults));
  return Object.fromEntries(Object.entries(value).filter(([key, one]) => !sameJson(one, usual.get(key))));
}

/** Returns the differences between the options of two documents, by name, as text. */
export function diffOptions(
  options: KindOptions | null,
  before: DocumentOptions,
  after: DocumentOptions,
): readonly (readonly [name: string, from: string, to: string])[] {
  if (!options) return [];
  const [was, is] = [before, after].map(
    (one) => new Map<string, unknown>(Object.entries(one[options.key] ?? {})),
  );
  return fieldsOf(options)
    .map((name) => [name, textOf(was?.get(name)), textOf(is?.get(name))] as const)
    .filter(([, from, to]) => from !== to);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** Compares to the letter, except for the order of keys. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return JSON.stringify(one) === JSON.stringify(other) || inOrder(one) === inOrder(other);
}

function inOrder(value: unknown): string {
  return value === undefined ? "" : canonicalJsonOfAny(value);
}
