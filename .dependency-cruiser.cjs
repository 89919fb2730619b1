// The house has one direction: a room may import only from the rooms below it.
const core = [
  "lib",
  "model",
  "words",
  "manifest",
  "plan",
  "genesys",
  "aws",
  "git",
  "state",
  "audit",
  "import",
  "apply",
  "report",
  "notify",
];
const rooms = {
  lib: [],
  model: ["lib"],
  manifest: ["lib", "model"],
  words: ["lib", "model"],
  plan: ["lib", "model", "words"],
  genesys: ["lib", "model"],
  aws: ["lib", "model", "genesys"],
  git: ["lib", "model"],
  state: ["lib", "model", "git"],
  audit: ["lib", "model", "state"],
  // It judges our client, so it shares nothing with it but a list of facts.
  sandbox: ["lib", "model/genesys-topics"],
  kinds: ["lib", "model", "genesys"],
  init: ["lib", "model"],
  import: ["lib", "model", "words", "manifest", "plan"],
  apply: ["lib", "model", "words", "manifest", "plan", "genesys", "state", "audit"],
  report: ["lib", "model", "manifest", "audit", "import"],
  notify: ["lib", "model"],
  app: [...core, "sandbox"],
  doctor: [...core, "app"],
  daemon: ["lib", "model", "genesys", "git", "state", "audit", "report", "app", "kinds/registry"],
  cli: [...core, "sandbox", "app", "doctor", "daemon", "init"],
};

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...Object.entries(rooms).map(([room, below]) => ({
      name: `${room}-imports-only-from-below`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: "^src/", pathNot: `^src/(${[room, ...below].join("|")})[/.]` },
    })),
    {
      name: "a-kind-is-pure",
      comment: "What a kind is reads nothing: only its driver talks to the platform.",
      severity: "error",
      from: { path: "^src/kinds/([^/]+/kind|registry)\\.ts$" },
      to: { path: "^src/(genesys|kinds/.*(driver|drivers))", reachable: true },
    },
    {
      name: "drivers-are-handed-in",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(main\\.ts|kinds/)" },
      to: { path: "^src/kinds/(drivers\\.ts|[^/]+/driver\\.ts)" },
    },
    {
      name: "the-registry-is-handed-in",
      comment: "The page of the dashboard runs in a browser, to which nothing can hand the kinds.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(main\\.ts|kinds/|daemon/dashboard/words\\.ts)" },
      to: { path: "^src/kinds/registry\\.ts$" },
    },
    {
      name: "no-module-imports-main",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/main\\.ts$" },
    },
    {
      name: "schemas-are-read-for-their-types",
      comment:
        "Types are inferred from them and files made of them; at run time no module needs them, nor TypeBox.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/model/schema/" },
      to: { path: "^src/model/schema/|^node_modules/typebox/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "the-core-is-pure",
      comment: "Nothing here reads a clock, a disk or a random number; read.ts is the one door.",
      severity: "error",
      from: { path: "^src/(manifest|plan|model|words|import|init)/", pathNot: "^src/manifest/read\\.ts$" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(path|path/posix|util)$" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/generated/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
