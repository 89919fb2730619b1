// The Kubernetes manifests, by the types that are made from Kubernetes' own API description: no unknown key, none missing.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, "deploy/kubernetes");

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .sort();
const resources = files.flatMap((file) => {
  const documents = parseAllDocuments(readFileSync(join(folder, file), "utf8"));
  return documents.map((document) => document.toJS() as Resource);
});

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

function find(kind: string): unknown {
  const found = resources.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

interface Container {
  readonly args: readonly string[];
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
  }[];
}
interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [Container];
        readonly securityContext: { readonly runAsUser: number };
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim?: { readonly claimName: string };
          readonly configMap?: { readonly name: string };
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
