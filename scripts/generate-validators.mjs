// Compiles the published JSON Schemas to plain functions, so that no schema compiler is loaded at run time.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";

const schemas = {
  validateWebhookSubscription: "webhook-subscription.v1.json",
  validateReconcileConfig: "reconcile-config.v1.json",
};

const declaration = `import type { SchemaValidator } from "../schema-validator.ts";
${Object.keys(schemas)
  .map((name) => `export declare const ${name}: SchemaValidator;\n`)
  .join("")}`;

const root = new URL("../", import.meta.url);
const folder = new URL("src/manifest/generated/", root);
const ajv = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  useDefaults: true,
  code: { source: true, esm: true, lines: true },
});
const ids = await Promise.all(
  Object.entries(schemas).map(async ([name, file]) => {
    const schema = JSON.parse(await readFile(new URL(`schemas/${file}`, root), "utf8"));
    ajv.addSchema(schema);
    return [name, schema.$id];
  }),
);
const code = standaloneCode.default(ajv, Object.fromEntries(ids));
if (code.includes("require(")) throw new Error("the validators need a package: use keywords that do not");
await mkdir(folder, { recursive: true });
await writeFile(new URL("validators.js", folder), code);
await writeFile(new URL("validators.d.ts", folder), declaration);
