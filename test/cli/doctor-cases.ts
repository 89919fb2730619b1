// What `doctor` may find amiss, and of which checks it shows: `doctor-findings.test.ts` looks at how each of them ends,
// and `test/words` holds what it prints.
import { makeSend } from "../../src/genesys/client/send.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { answer, manifest, runWorld, trailPath } from "../support/world.ts";
import type { Intercept } from "../support/world.ts";
import {
  broken,
  delivers,
  files,
  platform,
  set,
  source,
  workflow,
  type DoctorCase,
} from "./doctor-world.ts";
import { platformCases } from "./doctor-platform-cases.ts";
import { storeCases } from "./doctor-store-cases.ts";

const config = (line: string) => ({
  ...files,
  "reconcile.yaml": `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${line}\n`,
});
/** A disk on which a command has run. */
async function used(argv: string) {
  return (await runWorld({ argv, files })).world;
}

const surroundings: readonly DoctorCase[] = [
  {
    given: "a Node that is too old",
    options: () => ({ nodeVersion: "18.20.0" }),
    is: { node: "failed" },
  },
  {
    given: "an unknown key in the config",
    options: () => ({ files: config("ownr: me") }),
    is: {
      config: "failed",
      region: "notChecked",
      credentials: "passed",
      token: "notChecked",
      manifests: "notChecked",
      endpoints: "notChecked",
      state: "notChecked",
      store: "notChecked",
      trail: "notChecked",
    },
  },
  {
    given: "an unknown region in the config",
    options: () => ({ files: config("environment: usw2.purecloud") }),
    is: { region: "failed" },
  },
  {
    given: "an unknown region in the environment",
    options: () => set({ GENESYS_ENVIRONMENT: "mars" }),
    is: { region: "failed" },
  },
  {
    given: "a region in the config",
    options: () => ({ files: config("environment: us-west-2") }),
    is: { region: "passed" },
  },
  {
    given: "another one in the environment",
    options: () => ({
      files: config("environment: us-west-2"),
      ...set({ GENESYS_ENVIRONMENT: "mypurecloud.de" }),
    }),
    is: { region: "passed" },
  },
  {
    given: "an address of its own",
    options: () => set({ GENESYS_API_URL: "https://api.gateway.example.com" }),
    is: { region: "passed" },
  },
  {
    given: "no secret",
    argv: "doctor --skip-endpoints",
    options: () => ({ environment: { GENESYS_CLIENT_ID: "x" } }),
    is: { credentials: "failed" },
  },
  {
    given: "no credentials, and a manifest for an event source",
    options: () => ({ environment: {}, files: delivers("a", source) }),
    is: { credentials: "failed" },
  },
  {
    given: "no credentials and no manifests",
    options: () => ({ environment: {}, files: {} }),
    is: { credentials: "failed", manifests: "failed" },
  },
  {
    given: "a .env that is a folder",
    options: async () => {
      const from = await used("validate");
      from.files.makeDirectory(".env");
      return { from };
    },
    is: { credentials: "failed" },
  },
  {
    given: "a .env whose variable is not used",
    options: () => ({ files: { ...files, ".env": "GENESYS_ENVIRONMENT=mypurecloud.de\n" } }),
    is: { credentials: "warning" },
  },
  {
    given: "no commit",
    options: () => ({ commit: null }),
    is: { git: "warning" },
  },
  {
    given: "a Git that is too old for a partial clone",
    options: () => ({
      refusal: new ReconcileError("git/tooOld", "git version 2.30.2 is too old", {
        hint: "install another",
      }),
    }),
    is: { git: "warning" },
  },
];

const disk: readonly DoctorCase[] = [
  {
    given: "a disk that refuses",
    options: async () => {
      const from = await used("validate");
      from.files.failNext("create", "EACCES");
      from.files.failNext("create", "EROFS");
      return { from };
    },
    is: { state: "failed", trail: "failed" },
  },
  { given: "a sound trail", options: async () => ({ from: await used("") }), is: { trail: "passed" } },
  {
    given: "a trail that cannot be written",
    options: async () => {
      const from = await used("");
      from.files.failNext("openAppend", "EACCES");
      return { from };
    },
    is: { trail: "failed" },
  },
  {
    given: "a trail that is broken",
    options: async () => {
      const from = await used("");
      from.files.set(trailPath, from.files.text(trailPath).replace("alpha", "alphb"));
      return { from };
    },
    is: { trail: "failed" },
  },
  {
    given: "a trail that is gone",
    options: async () => {
      const from = await used("");
      from.files.take(trailPath);
      return { from };
    },
    is: { trail: "failed" },
  },
];

const [[path, text] = ["", ""]] = Object.entries(delivers("off", `${source}-off`));
const withoutHosts = {
  ...delivers("b", source),
  ...delivers("c", workflow),
  [path]: text.replace("spec:", "spec:\n  state: disabled"),
};
const at = (group: string, url: string): string =>
  manifest(group).replace(`https://events.example.com/${group}`, url);

/** Five hosts of which one answers. */
export const hosts = {
  "subscriptions/a.yaml": manifest("alpha", {
    pool: ["https://p.example.com/1?key=abc", "https://p.example.com/2", "https://gone.example.com/1"],
  }),
  "subscriptions/b.yaml": at("beta", "https://10.1.2.3:8443/x"),
  "subscriptions/c.yaml": at("gamma", "https://[::1]/x"),
  "subscriptions/d.yaml": at("delta", "https://hooks.local/x"),
  "subscriptions/e.yaml": at("off", "https://off.example.com/x").replace(
    "spec:",
    "spec:\n  state: disabled",
  ),
};

export const oneHost: Intercept = (request, forward) => {
  const { host } = new URL(request.url);
  if (host.endsWith("mypurecloud.com")) return platform(request, forward);
  return host === "gone.example.com" ? broken("network/unreachable", "ENOTFOUND")() : answer(500);
};

const endpoints: readonly DoctorCase[] = [
  {
    given: "an unknown key in a manifest",
    options: () => ({
      files: { "subscriptions/a.yaml": manifest("alpha").replace("eventTypes:", "eventTypez:") },
    }),
    is: { manifests: "failed", endpoints: "notChecked" },
  },
  {
    given: "a manifest with a warning",
    options: () => ({
      files: {
        "subscriptions/a.yaml": manifest("alpha").replace(
          "example.com/alpha",
          "example.com/alpha?key=hidden",
        ),
      },
    }),
    is: { manifests: "warning" },
  },
  {
    given: "hosts that cannot be reached, and private ones",
    options: () => ({ files: hosts, intercept: oneHost }),
    is: { endpoints: "failed" },
  },
  {
    given: "event sources and workflows alone",
    options: () => ({ files: withoutHosts }),
    is: { endpoints: "passed" },
  },
  {
    given: "the same beside a host",
    options: () => ({ files: { ...files, ...withoutHosts } }),
    is: { endpoints: "passed" },
  },
  {
    given: "the same without endpoints",
    argv: "doctor --skip-endpoints",
    options: () => ({ files: withoutHosts }),
    is: { endpoints: "notChecked" },
  },
  {
    given: "workflows alone",
    options: () => ({ files: delivers("b", workflow) }),
    is: { endpoints: "passed" },
  },
  {
    given: "a host that does not answer in time",
    options: () => ({
      intercept: (request, forward) =>
        request.method === "OPTIONS" ? new Promise(() => undefined) : platform(request, forward),
    }),
    is: { endpoints: "failed" },
  },
  {
    given: "the sandbox",
    argv: "doctor --sandbox",
    options: () => ({ environment: {}, send: makeSend() }),
    is: { region: "passed", permissions: "passed", endpoints: "notChecked" },
  },
];

export const doctorCases: readonly DoctorCase[] = [
  ...surroundings,
  ...disk,
  ...storeCases,
  ...platformCases,
  ...endpoints,
];
