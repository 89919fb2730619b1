// The alerts and the scrape example, by Prometheus' own tool.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { need, runProgram } from "./programs.ts";

const folder = resolve(import.meta.dirname, "../../deploy/prometheus");

test("the alert rules are ones that Prometheus takes", (context) => {
  need("promtool", context);
  const said = runProgram("promtool", ["check", "rules", "--lint-fatal", `${folder}/alerts.yaml`]);
  expect(said).toMatch(/SUCCESS: \d+ rules found/);
});

test("the alerts fire for what they are about, and for nothing else", (context) => {
  need("promtool", context);
  expect(runProgram("promtool", ["test", "rules", `${folder}/alerts.test.yaml`])).toContain("SUCCESS");
});

test("the scrape example is a configuration that Prometheus takes", (context) => {
  need("promtool", context);
  const said = runProgram("promtool", ["check", "config", "--syntax-only", `${folder}/prometheus.yaml`]);
  expect(said).toContain("SUCCESS");
});
