import { expect, test } from "vitest";
import { matchGlob } from "../../src/lib/match-glob.ts";

test.each([
  ["kustomization.yaml", "kustomization.yaml", true],
  ["team/kustomization.yaml", "kustomization.yaml", false],
  ["team/kustomization.yaml", "**/kustomization.yaml", true],
  ["kustomization.yaml", "**/kustomization.yaml", true],
  ["charts/one/values.yaml", "charts/**", true],
  ["charts", "charts/**", true],
  ["charts2/values.yaml", "charts/**", false],
  ["charts/one/templates/a.yaml", "charts/**/templates/*.yaml", true],
  ["charts/templates/a.yaml", "charts/**/templates/*.yaml", true],
  ["charts/one/values.yaml", "charts/*", false],
  ["values-eu.yaml", "values-??.yaml", true],
  ["values-eur.yaml", "values-??.yaml", false],
  ["values.enc.yaml", "*.enc.yaml", true],
  ["valuesXenc.yaml", "*.enc.yaml", false],
  ["a[1]+(b).yaml", "a[1]+(b).yaml", true],
  ["ü😀.yaml", "??.yaml", true],
])("%s fits %s: %s", (path, pattern, fits) => {
  expect(matchGlob(path, pattern)).toBe(fits);
});

test("many stars take no time worth mentioning", () => {
  const start = performance.now();
  expect(matchGlob(`${"a/".repeat(500)}b`, `${"**/a/".repeat(200)}c`)).toBe(false);
  expect(matchGlob("a".repeat(2000), `${"*a".repeat(200)}c`)).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});
