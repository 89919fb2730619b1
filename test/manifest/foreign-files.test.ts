// Other YAML beside the manifests: one error for all of it, whose hint says what to write under `ignore`.
import { expect, test } from "vitest";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { readDesired } from "../../src/manifest/read-desired.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { anything, manifestText } from "./manifest-text.ts";

const kustomization =
  "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n";
const values = "image:\n  tag: 1.2\nreplicas: 2\nhosts: [a.example.com]\n";
const compose = "services:\n  hooks: &hooks\n    image: hooks\n  more: *hooks\n";
const sealed = "data: ENC[AES256_GCM,data:abc=,type:str]\nsops:\n  version: 3.9.0\n";
const template = "{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n";

async function diagnosticsOf(
  files: Readonly<Record<string, string>>,
  { ignore = [], manifests = "subs" }: { ignore?: string[]; manifests?: string | string[] } = {},
) {
  const all = { "subs/good.yaml": manifestText(), ...files };
  const disk = makeMemoryFiles(
    Object.fromEntries(Object.entries(all).map(([path, text]) => [`/${path}`, text])),
  );
  const source = { ...anything, kinds: builtInKinds, manifests, ignore, allowEmpty: false, catalog: null };
  const { ok, diagnostics } = await readDesired(source, disk);
  expect(ok).toBe(diagnostics.length === 0);
  return diagnostics;
}

const begins = "not begin with apiVersion: reconcile.genesys/v1";

test.each([
  ["a kustomization", kustomization],
  ["Helm values", values],
  ["a compose file with anchors", compose],
  ["an encrypted file", sealed],
  ["a list of tasks", "- name: restart\n  hosts: all\n"],
  ["several documents", `${kustomization}---\n${values}`],
])("%s is one error, with the pattern to write", async (_what, text) => {
  expect(await diagnosticsOf({ "subs/deploy/other.yaml": text })).toEqual([
    {
      ...{
        severity: "error",
        code: "kind/unknown",
        message: `this file is not a manifest, because it does ${begins}`,
      },
      hint: 'if another tool reads it, write ignore: ["deploy/other.yaml"] in the config',
      ...{ file: "subs/deploy/other.yaml", line: 1, column: 1 },
    },
  ]);
});

test("many files get one hint: a chart as a whole, a name that several have once, and what is ignored already", async () => {
  const files = {
    "subs/a/kustomization.yaml": kustomization,
    "subs/b/kustomization.yaml": kustomization,
    "subs/charts/one/Chart.yaml": "apiVersion: v2\nname: one\nversion: 1.0.0\n",
    "subs/charts/one/values.yaml": values,
    "subs/charts/one/templates/deployment.yaml": template,
    "subs/sealed.yaml": sealed,
    "subs/old.yaml": "x: 1\n",
  };
  const [only, ...more] = await diagnosticsOf(files, { ignore: ["old.yaml"] });
  expect(more).toEqual([]);
  expect(only).toMatchObject({
    file: "subs/a/kustomization.yaml",
    message: `6 files are not manifests (a/kustomization.yaml, b/kustomization.yaml, charts/one/Chart.yaml, charts/one/values.yaml, sealed.yaml and 1 more), because they do ${begins}`,
    hint: 'if another tool reads them, write ignore: ["old.yaml", "**/kustomization.yaml", "charts/one/**", "sealed.yaml"] in the config',
  });
  const ignore = ["old.yaml", "**/kustomization.yaml", "charts/one/**", "sealed.yaml"];
  expect(await diagnosticsOf(files, { ignore })).toEqual([]);
});

test("a pattern never fits a manifest", async () => {
  const found = await diagnosticsOf({
    "subs/a/x.yaml": values,
    "subs/b/x.yaml": values,
    "subs/c/x.yaml": manifestText(
      { name: "  name: beta", endpointUrl: "  endpointUrl: https://b.example.com" },
      "",
    ).replace("alpha", "beta"),
    "subs/chart/Chart.yaml": values,
    "subs/chart/y.yaml": manifestText({
      name: "  name: gamma",
      endpointUrl: "  endpointUrl: https://c.example.com",
    }).replace("alpha", "gamma"),
  });
  expect(found.map(({ hint }) => hint)).toEqual([
    'if another tool reads them, write ignore: ["a/x.yaml", "b/x.yaml", "chart/Chart.yaml"] in the config',
  ]);
});

test.each([
  [
    "a manifest without its first lines",
    manifestText({ apiVersion: null, kind: null }),
    "apiVersion/missing",
  ],
  ["a misspelt kind", "apiVersion: v1\nkind: WebhookSubscripton\n", "kind/unknown"],
  [
    "another version",
    manifestText({ apiVersion: "apiVersion: reconcile.genesys/v2" }),
    "apiVersion/unknown",
  ],
  ["a broken manifest", `${values}---\n${manifestText()}  }\n`, "yaml/syntax"],
  ["a broken file outside a chart", template, "yaml/syntax"],
  ["an empty file", "", "document/empty"],
])("%s is told as before, without advice to ignore it", async (_what, text, code) => {
  const found = await diagnosticsOf({ "subs/bad.yaml": text });
  expect(found.map((diagnostic) => diagnostic.code)).toContain(code);
  expect(JSON.stringify(found)).not.toContain("ignore:");
});

test("a file that the user names gets no advice, because it would be read all the same", async () => {
  const named = await diagnosticsOf({ "subs/k.yaml": kustomization }, { manifests: ["subs/k.yaml"] });
  expect(named.map(({ message, hint }) => [message, hint])).toEqual([
    ['unknown kind "Kustomization"', "use WebhookSubscription"],
  ]);
});
