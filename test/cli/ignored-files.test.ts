// Other YAML in the folder of the manifests, which the config's `ignore` leaves out.
import { expect, test } from "vitest";
import { manifest, putWebhook, runWorld } from "../support/world.ts";
import { worldWith } from "./imported.ts";

const config = (patterns: string) =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nignore: [${patterns}]\n`;

test.each(["validate", "plan", "doctor --skip-endpoints"])(
  "%s does not read what is ignored",
  async (argv) => {
    const files = {
      "reconcile.yaml": config('kustomization.yaml, "charts/**"'),
      "subscriptions/a.yaml": manifest("alpha"),
      "subscriptions/kustomization.yaml": "kind: Kustomization\n",
      "subscriptions/charts/one/values.yaml": "replicas: 1\n",
    };
    expect((await runWorld({ argv, files })).status).toBe(0);
    const all = { ...files, "reconcile.yaml": config("") };
    expect((await runWorld({ argv, files: all })).status).toBe(1);
  },
);

test("import reads none of them, and writes no manifest that would be ignored", async () => {
  const files = {
    "reconcile.yaml": config('"values*.yaml"'),
    "subscriptions/values.yaml": "replicas: 1\n",
  };
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "orders" });
    putWebhook(state, { id: "w2", group: "values-eu", endpoint: "https://e.example.com/eu" });
  }, files);
  const { status, out, world } = await runWorld({ argv: "import", from });
  expect(world.files.text("subscriptions/orders.yaml")).toContain("name: orders");
  expect(out).toContain("\nnot written  group values-eu: 1 webhook\n");
  expect(out).toContain("a pattern of the config's ignore fits values-eu.yaml");
  expect(status).toBe(1);
});
