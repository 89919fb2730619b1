// Lint rules with types. The bans at the end keep the core pure: time, chance and timers come in as parameters.
import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const bannedSyntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Use deps.clock." },
  { selector: "ExportDefaultDeclaration", message: "Name what you export." },
  { selector: "ExportAllDeclaration", message: "No barrel files: import from where it is." },
];

/** Where our own data hold words for people. */
const words = "/^(reason|error|message|hint|problem)$/";
const askedOfWords = "/^(startsWith|endsWith|includes|indexOf|search|match|matchAll|replace|replaceAll)$/";
const askingWords = "/^(test|exec|has|includes|indexOf)$/";
/** Whether there are any words is no reading of them. */
const isAny = (side: string): string =>
  `:not([${side}.raw='null']):not([${side}.raw='""']):not([${side}.type='Identifier'][${side}.name='undefined'])`;
const compares = "BinaryExpression[operator=/^[!=]==$/]";

/** Words are for people: what a program has to know stands beside them as data, such as a code. */
const noReadingBack = [
  `CallExpression[callee.property.name=${askedOfWords}] > MemberExpression.callee > MemberExpression[property.name=${words}].object`,
  `CallExpression[callee.property.name=${askedOfWords}] > MemberExpression.callee > Identifier[name=${words}].object`,
  `CallExpression[callee.property.name=${askingWords}] > MemberExpression[property.name=${words}].arguments`,
  ...["name", "property.name"].flatMap((name) => [
    `${compares}[left.${name}=${words}]${isAny("right")}`,
    `${compares}[right.${name}=${words}]${isAny("left")}`,
    `SwitchStatement[discriminant.${name}=${words}]`,
  ]),
].map((selector) => ({ selector, message: "Words are not read back: compare a code, a kind, a cause." }));

/** The texts that name a resource's group and owner. */
const descriptions = "/^(description|notes)$/";
const readsText =
  "/^(startsWith|endsWith|includes|indexOf|search|match|matchAll|replace|replaceAll|split)$/";
const isJson = (side: string): string => `[${side}.callee.object.name='JSON']`;

/** src/model/ alone reads a description, as ownership, and compares documents. */
const noDocumentReading = [
  "ImportSpecifier[imported.name='readOwnership']",
  ...[`MemberExpression[property.name=${descriptions}]`, `Identifier[name=${descriptions}]`].flatMap(
    (text) => [
      `CallExpression[callee.property.name=${readsText}] > MemberExpression.callee > ${text}.object`,
      `CallExpression[callee.property.name=${askingWords}] > ${text}.arguments`,
      `CallExpression[callee.property.name=${askingWords}] > :matches(ChainExpression, LogicalExpression).arguments ${text}`,
    ],
  ),
  ...["name", "property.name"].flatMap((name) => [
    `${compares}[left.${name}=${descriptions}]${isAny("right")}`,
    `${compares}[right.${name}=${descriptions}]${isAny("left")}`,
  ]),
  `${compares}${isJson("left")}${isJson("right")}`,
].map((selector) => ({ selector, message: "src/model/ alone reads descriptions and compares documents." }));
/** A spread of the world hands on whatever it comes to hold, such as the variables with the client secret. */
const noWorldSpread = ["Identifier[name='world']", "MemberExpression[property.name='world']"].map(
  (world) => ({
    selector: `ObjectExpression > SpreadElement > ${world}.argument`,
    message: "Name the ports that are handed on.",
  }),
);

export default defineConfig(
  { ignores: ["dist/", "coverage/", "src/**/generated/", "reports/"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: "error",
      "max-params": ["error", 3],
      "no-console": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `erasableSyntaxOnly` refuses enums, and this rule's search for them took 6 % of the whole run.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      // It took a tenth of the time of all rules, and the code has two classes.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ["src/**"],
    rules: {
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": ["error", { max: 70, skipComments: true }],
      complexity: ["error", 15],
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval", "setImmediate"].map((name) => ({
          name,
          message: "Use deps.clock.",
        })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Use deps.clock." },
        { object: "Math", property: "random", message: "Use deps.random." },
        { object: "process", property: "exit", message: "Only main.ts ends the process." },
      ],
      "no-restricted-syntax": [
        "error",
        ...bannedSyntax,
        ...noReadingBack,
        ...noDocumentReading,
        ...noWorldSpread,
      ],
    },
  },
  {
    // This driver writes the notes before the rest of an integration, so by the notes that it wrote it knows its own again.
    files: ["src/model/**", "src/kinds/eventbridge/driver.ts"],
    rules: { "no-restricted-syntax": ["error", ...bannedSyntax, ...noReadingBack, ...noWorldSpread] },
  },
  {
    files: ["src/lib/clock.ts", "src/daemon/dashboard/browser-clock.ts"],
    rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" },
  },
  {
    // What a library and the platform say in words is read here, and told in codes of our own from here on.
    files: ["src/manifest/parse-yaml.ts", "src/genesys/version-conflict.ts"],
    rules: { "no-restricted-syntax": ["error", ...bannedSyntax, ...noDocumentReading, ...noWorldSpread] },
  },
  {
    files: ["src/lib/random.ts", "src/main.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      ...{ "no-console": "off", "no-undef": "off", "no-control-regex": "off" },
      "@typescript-eslint/no-require-imports": "off",
    },
  },
  {
    // What a test looks for in a terminal's output are control characters.
    files: ["test/**"],
    rules: { "no-control-regex": "off", "max-params": "off" },
  },
);
