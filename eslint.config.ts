// Lint rules with types. The bans at the end keep the core pure: time, chance and timers come in as parameters.
import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

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
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Use deps.clock." },
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
        { selector: "ExportAllDeclaration", message: "No barrel files: import from where it is." },
      ],
    },
  },
  {
    files: ["src/lib/clock.ts", "src/daemon/dashboard/browser-clock.ts"],
    rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" },
  },
  {
    files: ["src/lib/random.ts", "src/main.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "no-console": "off", "no-undef": "off", "no-control-regex": "off" },
  },
  {
    // What a test looks for in a terminal's output are control characters.
    files: ["test/**"],
    rules: { "no-control-regex": "off", "max-params": "off" },
  },
);
