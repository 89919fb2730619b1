// The Kubernetes manifests, by the types that are made from Kubernetes' own API description: no unknown key, none missing.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { makeSend } from "../../src/genesys/client/send.ts";
import { runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

function readResources(name: string): readonly Resource[] {
  const folder = join(root, "deploy", name);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".yaml"),
  );
  return files.sort().flatMap((file) => {
    const documents = parseAllDocuments(readFileSync(join(folder, file), "utf8"));
    return documents.map((document) => document.toJS() as Resource);
  });
}

const resources = readResources("kubernetes");
/** The variant with the state in PostgreSQL. */
const shared = readResources("kubernetes-postgres");

/** What is wrong with them, as `Deployment: …`. */
function faultsOf(given: readonly Resource[]): readonly string[] {
  const source = given
    .map(({ apiVersion, kind }, index) => {
      const [group = "", version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
      const module = `kubernetes-types/${group.replace(".k8s.io", "")}/${version ?? ""}`;
      return `export const r${index}: import("${module}").${kind} & { apiVersion: string } = ${JSON.stringify(given[index])};`;
    })
    .join("\n");
  const path = join(root, "test/operations/resources.ts");
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, types: [], lib: ["lib.es2022.d.ts"], skipLibCheck: true },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === path || disk.fileExists(name),
    getSourceFile: (name, ...more) =>
      name === path
        ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
        : disk.getSourceFile(name, ...more),
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([path], options, host))
    .map(({ messageText, file, start }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : 0;
      return `${given[line]?.kind ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
}

function find(kind: string, among: readonly Resource[] = resources): unknown {
  const found = among.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

interface Container {
  readonly args: readonly string[];
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
  }[];
}
interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly [Container];
        readonly securityContext: { readonly runAsUser: number };
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim?: { readonly claimName: string };
          readonly configMap?: { readonly name: string };
          readonly emptyDir?: object;
        }[];
      };
    };
  };
}

const deployment = find("Deployment") as Deployment;

test("every resource is as Kubernetes' API describes it", () => {
  expect(resources.map(({ kind }) => kind)).toEqual([
    "ConfigMap",
    "ConfigMap",
    "Deployment",
    "Secret",
    "Service",
    "NetworkPolicy",
    "PersistentVolumeClaim",
  ]);
  expect(faultsOf(resources)).toEqual([]);
});

test("a mistyped key, a missing one and a value of the wrong type would be seen", () => {
  const text = JSON.stringify(find("Deployment"));
  const broken = [
    text.replace('"readOnlyRootFilesystem"', '"readonlyRootFilesystem"'),
    text.replace('"runAsNonRoot":true', '"runAsNonRoot":"yes"'),
    text.replace('"containers":', '"initContainers":'),
  ];
  expect(faultsOf(broken.map((one) => JSON.parse(one) as Resource))).toEqual([
    expect.stringContaining(`'"readonlyRootFilesystem"' does not exist in type 'SecurityContext'`),
    expect.stringContaining("Type 'string' is not assignable to type 'boolean | undefined'"),
    expect.stringContaining("Property 'containers' is missing"),
  ]);
});

test("what is mounted is there, whole, and a volume of its own is all that can be written", () => {
  const { containers, volumes } = deployment.spec.template.spec;
  const names = new Set(resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  for (const { persistentVolumeClaim, configMap } of volumes)
    expect(names).toContain(
      configMap
        ? `ConfigMap ${configMap.name}`
        : `PersistentVolumeClaim ${persistentVolumeClaim?.claimName ?? ""}`,
    );
  expect(containers[0].volumeMounts.map(({ name, subPath }) => [name, subPath])).toEqual(
    volumes.map(({ name }) => [name, undefined]),
  );
});

test("it runs as the user of the image, in the folder of the image", () => {
  const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
  const { containers, securityContext } = deployment.spec.template.spec;
  expect(dockerfile).toContain(`\nUSER ${securityContext.runAsUser}:${securityContext.runAsUser}\n`);
  expect(dockerfile).toContain(`\nWORKDIR ${containers[0].volumeMounts[0]?.mountPath ?? ""}\n`);
});

test("the daemon takes its arguments, the example config and the example manifest", async () => {
  const [config, subscriptions] = resources.filter(({ kind }) => kind === "ConfigMap") as unknown as {
    readonly data: Readonly<Record<string, string>>;
  }[];
  const mounted = [
    ...Object.entries(config?.data ?? {}).map(([name, text]) => [`/etc/reconcile/config/${name}`, text]),
    ...Object.entries(subscriptions?.data ?? {}).map(([name, text]) => [
      `/etc/reconcile/subscriptions/${name}`,
      text,
    ]),
  ];
  const { args } = deployment.spec.template.spec.containers[0];
  const [command, ...flags] = args;
  expect(command).toBe("watch");
  const ofAPass = flags.filter((flag) => !/^--(listen|log-format)=/.test(flag));
  const { status, out } = await runWorld({
    argv: ofAPass,
    files: Object.fromEntries(mounted) as Record<string, string>,
  });
  expect(out).toMatch(/\nDone: 1 created/);
  expect(status).toBe(0);
});

test("with the example Secret as it is, the daemon does not start", async () => {
  const { stringData } = find("Secret") as {
    readonly stringData: Readonly<Record<string, string>>;
  };
  const { args } = deployment.spec.template.spec.containers[0];
  const { status, err } = await runWorld({ argv: args, environment: stringData });
  expect(err).toContain("RECONCILE_HTTP_TOKEN is shorter than 32 characters");
  expect(status).toBe(1);
});

const pair = find("Deployment", shared) as Deployment;
const secrets = shared.filter(({ kind }) => kind === "Secret") as unknown as (Resource & {
  readonly stringData: Readonly<Record<string, string>>;
})[];

/** The user in the example address of the Secret of that name. */
function userIn(secret: string | undefined): string {
  const found = secrets.find(({ metadata }) => metadata.name === secret);
  return new URL(found?.stringData["RECONCILE_DATABASE_URL"] ?? "").username;
}

test("with PostgreSQL: every resource is as Kubernetes' API describes it, and none is a volume that lasts", () => {
  expect(shared.map(({ kind }) => kind)).toEqual([
    ...["ConfigMap", "ConfigMap", "Deployment", "PodDisruptionBudget"],
    ...["Secret", "Secret", "Job", "Service", "NetworkPolicy"],
  ]);
  expect(faultsOf(shared)).toEqual([]);
  const { containers, volumes } = pair.spec.template.spec;
  expect(volumes.filter(({ emptyDir }) => emptyDir).map(({ name }) => name)).toEqual(["state"]);
  expect(volumes.filter(({ persistentVolumeClaim }) => persistentVolumeClaim)).toEqual([]);
  expect(containers[0].volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
});

test("with PostgreSQL: of two daemons one may go at a time, because the standby counts", () => {
  const { spec } = find("PodDisruptionBudget", shared) as {
    readonly spec: { readonly minAvailable: number };
  };
  expect([pair.spec.replicas, spec.minAvailable]).toEqual([2, 1]);
  expect(pair.spec).toMatchObject({ strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  // By the path alone a standby is not ready, and a rolling update would wait for it without end.
  expect(pair.spec.template.spec.containers[0].readinessProbe.httpGet.path).toBe("/readyz?standby=ok");
});

test("with PostgreSQL: the daemons log in as the role to which the Job grants, and never as the owner", () => {
  const job = find("Job", shared) as Deployment;
  const [daemon, init] = [pair, job].map(({ spec }) => spec.template.spec.containers[0]);
  const secretsOf = (container: Container | undefined) =>
    container?.envFrom.map(({ secretRef }) => secretRef.name);
  const [[own = ""] = [], [owner = ""] = []] = [secretsOf(daemon), secretsOf(init)];
  expect([secretsOf(daemon)?.length, own === owner]).toEqual([1, false]);
  const { args = [] } = init ?? {};
  expect(args.slice(0, 2)).toEqual(["state", "init"]);
  expect(args[args.indexOf("--grant") + 1]).toBe(userIn(own));
  expect(userIn(owner)).not.toBe(userIn(own));
});

test("with PostgreSQL: the daemon takes its arguments and the example config", async () => {
  const [config, subscriptions] = shared.filter(({ kind }) => kind === "ConfigMap") as unknown as {
    readonly data: Readonly<Record<string, string>>;
  }[];
  const files = {
    "/etc/reconcile/config/reconcile.yaml": config?.data["reconcile.yaml"] ?? "",
    "/etc/reconcile/subscriptions/crm-sync.yaml": subscriptions?.data["crm-sync.yaml"] ?? "",
  };
  const [, ...flags] = pair.spec.template.spec.containers[0].args;
  const ofAPass = flags.filter((flag) => !/^--(listen|log-format)=/.test(flag));
  const given = { files, environment: {}, send: makeSend() };
  const { status, out } = await runWorld({ argv: [...ofAPass, "--sandbox"], ...given });
  expect([status, out.includes("\nDone: 1 created")]).toEqual([0, true]);
  const { err } = await runWorld({ argv: ofAPass, files });
  // Outside of the sandbox it asks for the database, which the tests' world does not have.
  expect(err).toContain("this world has no shared store");
});
