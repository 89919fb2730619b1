// Compiles the published JSON Schemas to plain functions, so that no schema compiler is loaded at run time.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";

const root = new URL("../", import.meta.url);
const options = { allowUnionTypes: true, code: { source: true, esm: true, lines: true } };

// For a file that people write, the validator reports all faults; for one that a program writes, which may be large,
// only the first.
await generate("src/manifest/generated/", {
  schemas: {
    validateWebhookSubscription: "webhook-subscription.v1.json",
    validateReconcileConfig: "reconcile-config.v1.json",
  },
  types: "../schema-validator.ts",
  ajv: new Ajv2020({ ...options, allErrors: true, useDefaults: true }),
});
await generate("src/apply/generated/", {
  schemas: { validatePlan: "plan.v1.json" },
  types: "../../manifest/schema-validator.ts",
  ajv: new Ajv2020(options),
});

async function generate(path, { schemas, types, ajv }) {
  const folder = new URL(path, root);
  const ids = await Promise.all(
    Object.entries(schemas).map(async ([name, file]) => {
      const schema = JSON.parse(
        await readFile(new URL(`schemas/${file}`, root), "utf8"),
        withoutPlaceholders,
      );
      ajv.addSchema(schema);
      return [name, schema.$id];
    }),
  );
  const code = standaloneCode.default(ajv, Object.fromEntries(ids));
  if (code.includes("require(")) throw new Error("the validators need a package: use keywords that do not");
  const declarations = Object.keys(schemas).map(
    (name) => `export declare const ${name}: SchemaValidator;\n`,
  );
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("validators.js", folder), code);
  await writeFile(
    new URL("validators.d.ts", folder),
    `import type { SchemaValidator } from "${types}";\n${declarations.join("")}`,
  );
}

// An editor takes `${name}` wherever a value of the config may stand. The validator sees the manifest once the values
// are in it, so there the alternative falls away.
function withoutPlaceholders(key, value) {
  return key === "pattern" && typeof value === "string" ? value.replace(/\|\\\$\\\{$/, "") : value;
}
