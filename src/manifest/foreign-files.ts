// Tells another tool's YAML from manifests with a mistake, and makes one error of all its files: a folder that other tools
// read too would else give several errors a file.
import { posix } from "node:path";
import { count } from "../lib/count.ts";
import { findNearest } from "../lib/did-you-mean.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { ParsedYaml } from "./parse-yaml.ts";
import { errorAt, startOf } from "./problem.ts";
import type { YamlDocument } from "./yaml-document.ts";

export interface ReadFrom {
  /** The folders of the manifests, as the user would type them. A file that is below none was named by itself. */
  readonly folders: readonly string[];
  /** The patterns that the config has already. */
  readonly ignore: readonly string[];
}

export interface ForeignFiles {
  /** Returns whether the file is set aside, so that nothing else is to be said of it. */
  readonly take: (
    manifest: { readonly file: string; readonly text: string },
    parsed: ParsedYaml,
  ) => boolean;
  /** Returns one error for the files that were set aside. */
  readonly end: () => readonly Diagnostic[];
}

export function collectForeign({ folders, ignore }: ReadFrom): ForeignFiles {
  const foreign: FoundFile[] = [];
  const unreadable: (FoundFile & Pick<ParsedYaml, "diagnostics">)[] = [];
  const others: string[] = [];
  return {
    take: ({ file, text }, { documents, diagnostics }) => {
      const below = findBelow(file, folders);
      if (below === null) return false;
      const isClear = diagnostics.length === 0 || !ourWord.test(text);
      const isForeign = isClear && documents.every(isForeignDocument);
      if (!isForeign) others.push(below);
      else if (documents.length > 0 || diagnostics.every(({ code }) => ofOtherTools.has(code)))
        foreign.push({ file, below });
      else unreadable.push({ file, below, diagnostics });
      return isForeign;
    },
    end: () => {
      if (foreign.length === 0 && unreadable.length === 0) return [];
      const charts = findCharts(foreign, others);
      const isOfChart = ({ below }: FoundFile): boolean => charts.some((chart) => below.startsWith(chart));
      const all = [...foreign, ...unreadable.filter(isOfChart)];
      const left = unreadable.filter((found) => !isOfChart(found));
      const unfit = [...others, ...left.map(({ below }) => below)];
      const patterns = findPatterns(all, { charts, others: unfit });
      return [
        ...left.flatMap(({ diagnostics }) => diagnostics),
        ...describeForeign(all, [...ignore, ...patterns]),
      ];
    },
  };
}

interface FoundFile {
  readonly file: string;
  /** The path from the folder of the manifests on. */
  readonly below: string;
}

function findBelow(file: string, folders: readonly string[]): string | null {
  const below = folders.map((folder) =>
    file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : posix.relative(folder, file),
  );
  return below.find((path) => path !== "" && !path.startsWith("..")) ?? null;
}

const ourWords = ["reconcile.genesys/v1", "WebhookSubscription", "ReconcileConfig"];
const ourKeys = ["endpointUrl", "endpointPool", "eventTypes"];
const ourWord = new RegExp(["genesys", ...ourWords.slice(1), ...ourKeys].join("|"), "i");

/** The parser refuses these parts of YAML, which other tools' files use. */
const ofOtherTools: ReadonlySet<string> = new Set(["yaml/alias", "yaml/tag", "yaml/mergeKey"]);

/** True if nothing in the document looks like ours, not even misspelt: the advice to ignore a manifest would be harmful. */
function isForeignDocument({ value }: YamlDocument): boolean {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.length > 0 && items.every(isForeignMap);
}

function isForeignMap(value: unknown): boolean {
  if (!isMap(value) || Object.keys(value).length === 0) return false;
  const texts = Object.values(value).filter((text) => typeof text === "string");
  if (texts.some((text) => findNearest(text, ourWords) !== undefined)) return false;
  return ![value, value["spec"]].some((map) => isMap(map) && ourKeys.some((key) => key in map));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the folders of Helm charts, with `/` at the end, that hold no manifest. */
function findCharts(foreign: readonly FoundFile[], others: readonly string[]): readonly string[] {
  return foreign
    .filter(({ below }) => below.includes("/") && posix.basename(below) === "Chart.yaml")
    .map(({ below }) => `${posix.dirname(below)}/`)
    .filter((chart) => !others.some((other) => other.startsWith(chart)))
    .toSorted((a, b) => a.length - b.length);
}

/** A chart is ignored as a whole, and files that share a name by that name, unless a manifest has it too. */
function findPatterns(
  foreign: readonly FoundFile[],
  { charts, others }: { readonly charts: readonly string[]; readonly others: readonly string[] },
): readonly string[] {
  const kept = new Set(others.map((path) => posix.basename(path)));
  const chartOf = (path: string): string | undefined => charts.find((chart) => path.startsWith(chart));
  const lone = foreign.filter(({ below }) => chartOf(below) === undefined);
  const names = new Map<string, number>();
  for (const { below } of lone)
    names.set(posix.basename(below), (names.get(posix.basename(below)) ?? 0) + 1);
  const patterns = foreign.map(({ below }) => {
    const chart = chartOf(below);
    if (chart !== undefined) return `${chart}**`;
    const name = posix.basename(below);
    return (names.get(name) ?? 0) > 1 && !kept.has(name) ? `**/${name}` : below;
  });
  return [...new Set(patterns)];
}

const maxNamed = 5;

/** It stays an error: a manifest that lost its first lines must not look deleted. */
function describeForeign(files: readonly FoundFile[], patterns: readonly string[]): readonly Diagnostic[] {
  const [first] = files;
  if (!first) return [];
  const named = files.slice(0, maxNamed).map(({ below }) => below);
  const more = files.length - named.length;
  const isOne = files.length === 1;
  const list = `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const subject = isOne
    ? "this file is not a manifest, because it does"
    : `${count(files.length, "file")} are not manifests (${list}), because they do`;
  const message = `${subject} not begin with apiVersion: reconcile.genesys/v1`;
  const written = patterns.map((pattern) => JSON.stringify(pattern)).join(", ");
  const hint = `if another tool reads ${isOne ? "it" : "them"}, write ignore: [${written}] in the config`;
  return [errorAt(startOf(first.file), { code: "kind/unknown", message, hint })];
}
