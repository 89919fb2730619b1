// Whoever is woken up finds an entry: each alert, condition and reason has its place in docs/operations.md.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { conditionTypes } from "../../src/daemon/conditions.ts";

const root = resolve(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/operations.md"), "utf8");
/** As links name them. */
const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
  title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-"),
);

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly annotations: { readonly runbook_url: string };
    }[];
  }[];
}

test("each alert leads to its own entry, and no entry is of an alert that is gone", () => {
  const { groups } = parse(readFileSync(join(root, "deploy/prometheus/alerts.yaml"), "utf8")) as Rules;
  const rules = groups.flatMap(({ rules }) => rules);
  expect(rules.map(({ annotations }) => annotations.runbook_url)).toEqual(
    rules.map(({ alert }) => `docs/operations.md#${alert.toLowerCase()}`),
  );
  const entries = anchors.filter((anchor) => anchor.startsWith("reconcile"));
  expect(entries.sort()).toEqual(rules.map(({ alert }) => alert.toLowerCase()).sort());
});

test("each condition, and each of its reasons, has an entry", () => {
  const source = readFileSync(join(root, "src/daemon/conditions.ts"), "utf8");
  const reasons = [...source.matchAll(/"([A-Z][a-z]+(?:[A-Z][a-z]+)*)"/g)].map(([, reason = ""]) => reason);
  const entries = new Set(
    [...conditionTypes, ...reasons].filter((word) => !["True", "False", "Unknown"].includes(word)),
  );
  expect(entries.size).toBeGreaterThan(10);
  for (const entry of entries) expect(anchors, entry).toContain(entry.toLowerCase());
});

test("each error of the platform, which is the reason that it is not reachable, has a row", () => {
  const codes = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).flatMap((file) => {
    // In the page such a text is an address of the daemon.
    if (!file.endsWith(".ts") || file.includes("dashboard")) return [];
    const source = readFileSync(join(root, "src", file), "utf8");
    return [...source.matchAll(/["`]((?:auth|network|api|platform)\/[A-Za-z]+)["`]/g)].map(
      ([, code = ""]) => code,
    );
  });
  expect(new Set(codes).size).toBeGreaterThan(20);
  const reasonOf = (code: string) =>
    code.replaceAll(/(?:^|\/)[a-z]/g, (start) => start.replace("/", "").toUpperCase());
  for (const code of codes) expect(text, code).toContain(`\`${reasonOf(code)}\``);
});

test("every link inside the page leads somewhere", () => {
  for (const [, anchor = ""] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
});
