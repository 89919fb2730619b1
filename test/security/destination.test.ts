// Where the client secret and the token are sent: to the platform, whatever a pull request or an answer says.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { findProxy } from "../../src/genesys/client/proxy.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import type { World } from "../../src/app/world.ts";
import { answer, manifest, runWorld, type Intercept } from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };

let seen: string[] = [];
const canary = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  response.end('{"access_token":"canary-token","expires_in":86400}');
});
canary.on("connect", (request, socket) => {
  seen.push(`CONNECT ${request.url}`);
  socket.end();
});
let address = "";
beforeAll(async () => {
  await new Promise<void>((listening) => canary.listen(0, "127.0.0.1", listening));
  address = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
});
beforeEach(() => {
  seen = [];
});
afterAll(() => {
  canary.closeAllConnections();
  canary.close();
});

/** A real network, except that nothing asks Genesys Cloud itself. */
const openSend: World["openSend"] = (proxies) => {
  const send = makeSend({ proxies });
  return (request) => {
    const isOurs = request.url.startsWith(address) || findProxy(request.url, proxies) !== null;
    return isOurs ? send(request) : Promise.resolve(answer(403));
  };
};

const redirections = (): [string, Record<string, string>][] => [
  ["GENESYS_TOKEN_URL", { ".env": `GENESYS_TOKEN_URL=${address}/oauth/token\n` }],
  ["GENESYS_API_URL", { ".env": `GENESYS_API_URL=${address}\n` }],
  ["GENESYS_ENVIRONMENT", { ".env": `GENESYS_ENVIRONMENT=${address.slice(7)}\n` }],
  ["HTTPS_PROXY", { ".env": `HTTPS_PROXY=${address}\n` }],
  ["https_proxy", { ".env": `https_proxy=${address}\nno_proxy=\n` }],
  ["ALL_PROXY", { ".env": `export ALL_PROXY="${address}"\n` }],
  ["a secret of its own", { ".env": `GENESYS_CLIENT_SECRET=\nGENESYS_API_URL=${address}\n` }],
  ["environment in reconcile.yaml", { "reconcile.yaml": config(`environment: "${address.slice(7)}"`) }],
];

function config(line: string): string {
  return `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${line}\n`;
}

test("a `.env` or a config in a pull request cannot redirect the secret", async () => {
  for (const [what, more] of redirections()) {
    for (const argv of ["plan", "sync"]) {
      const { status } = await runWorld({ argv, files: { ...files, ...more }, openSend });
      expect([what, argv, status, seen]).toEqual([what, argv, 1, []]);
    }
  }
  // The canary sings where the secret is in the same file: then whoever wrote it has the secret already.
  const own = `GENESYS_CLIENT_ID=id\nGENESYS_CLIENT_SECRET=their-own-secret\nGENESYS_API_URL=${address}\n`;
  await runWorld({ argv: "plan", files: { ...files, ".env": own }, environment: {}, openSend });
  expect(seen[0]).toMatch(/^POST \/oauth\/token Basic /);
});

test.each([
  "http://evil.example.com",
  "http://localhost.evil.example.com",
  "http://127.0.0.1.evil.example.com",
  "http://127.0.0.1@evil.example.com",
  "ftp://127.0.0.1",
  "http:evil.example.com",
  "//evil.example.com",
])("the secret is not sent in clear beyond loopback: %s", async (url) => {
  for (const name of ["GENESYS_API_URL", "GENESYS_TOKEN_URL"]) {
    const environment = { GENESYS_CLIENT_ID: "id", GENESYS_CLIENT_SECRET: "the-secret", [name]: url };
    const { status, world } = await runWorld({ argv: "plan", files, environment });
    expect([status, world.requests]).toEqual([1, []]);
  }
});

/** The origins that were asked. */
async function origins(argv: string, intercept: Intercept) {
  const asked = new Set<string>();
  const { status, out, err } = await runWorld({
    argv,
    files,
    intercept: (request, forward) => {
      asked.add(new URL(request.url).origin);
      return intercept(request, forward);
    },
  });
  return { status, text: out + err, asked: [...asked] };
}

const ours = ["https://login.mypurecloud.com", "https://api.mypurecloud.com"];

test.each([301, 302, 303, 307, 308])(
  "a redirect is not followed, with the token or without: %i",
  async (status) => {
    const elsewhere = { status, headers: { location: "https://evil.example/take" }, body: "" };
    const login = await origins("sync", () => elsewhere);
    expect([login.status, login.asked]).toEqual([1, ours.slice(0, 1)]);
    const reading = await origins("sync", ({ url }, forward) =>
      url.endsWith("/token") ? forward() : elsewhere,
    );
    expect([reading.status, reading.asked]).toEqual([1, ours]);
    expect(reading.text).toContain(
      `redirected to evil.example (${status}), which reconcile does not follow`,
    );
    const writing = await origins("sync", ({ method, url }, forward) =>
      method === "GET" || url.endsWith("/token") ? forward() : elsewhere,
    );
    expect([writing.status, writing.asked]).toEqual([1, ours]);
  },
);

test("links in an answer are not followed", async () => {
  const evil = "https://evil.example/api/v2/webhooks?pageNumber=2";
  const { status, asked } = await origins("sync", ({ method, url }, forward) => {
    if (method !== "GET" || !url.includes("/api/v2/webhooks")) return forward();
    const more = { nextUri: evil, selfUri: evil, firstUri: evil, lastUri: evil, links: { self: evil } };
    const first = { id: "w1", description: "", links: { self: evil }, selfUri: evil };
    return answer(200, { entities: [first], total: 1, pageCount: 1, ...more });
  });
  expect([status, asked]).toEqual([0, ours]);
});

test.each([
  "../../oauth",
  "//evil.example",
  "..",
  ".",
  "a/b",
  "a?b",
  "a#b",
  "%2e%2e",
  "a\\b",
  "",
  "@evil.example",
])("an id from an answer is never part of another address: %o", async (id) => {
  const paths: string[] = [];
  const { status, asked } = await origins("sync --adopt", (request, forward) => {
    paths.push(new URL(request.url).pathname);
    if (request.method !== "GET" || request.url.endsWith("/tokens/me")) return forward();
    const description = "Consumer group: alpha | Managed by: reconcile (default)";
    return answer(200, { entities: [{ id, description }], total: 1 });
  });
  expect([status, asked]).toEqual([1, ours]);
  expect([...new Set(paths)]).toEqual(["/oauth/token", "/api/v2/webhooks", "/api/v2/tokens/me"]);
});

test("a dry run's client cannot write", async () => {
  const { world } = await runWorld({ argv: "sync --dry-run --adopt --prune --allow-deletes", files });
  expect(world.requests.filter((sent) => !sent.startsWith("GET "))).toEqual(["POST /oauth/token"]);
  expect(world.files.paths()).toEqual(["/subscriptions/a.yaml"]);
});
