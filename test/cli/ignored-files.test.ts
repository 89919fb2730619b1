// Other YAML in the folder of the manifests, which the config's `ignore` leaves out.
import { expect, test } from "vitest";
import { manifest, runWorld } from "../support/world.ts";

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
