// Genesys Cloud as the measured passes meet it: it answers from memory, on loopback, each request after the same time.
import { createServer } from "node:http";

const token = '{"access_token":"t","token_type":"bearer","expires_in":86400}';
const me = '{"organization":{"id":"0b8a1c52-6f0e-4c0f-9f0b-5b1f3f1f2a01","name":"Bench"}}';
const pageSize = 100;

/** `webhooks` are what is live at first. */
export async function openPlatform({ webhooks = [], latencyMs = 0, port = 0 } = {}) {
  const world = { webhooks, pages: makePages(webhooks), log: [] };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const { status, text } = answer(world, { method: request.method, path: request.url, body });
      const send = () => response.writeHead(status, { "content-type": "application/json" }).end(text);
      if (latencyMs === 0) send();
      else setTimeout(send, latencyMs);
    });
  });
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    environment: { GENESYS_API_URL: url, GENESYS_CLIENT_ID: "bench", GENESYS_CLIENT_SECRET: "bench" },
    /** The requests since the last reset, each with its method, path and body. */
    requests: () => world.log,
    live: () => world.webhooks,
    reset: (to) => Object.assign(world, { webhooks: [...to], pages: makePages(to), log: [] }),
    close: () => new Promise((closed) => server.close(closed)),
  };
}

function answer(world, { method, path, body }) {
  world.log.push({ method, path, body });
  const url = new URL(path, "http://localhost");
  if (url.pathname === "/oauth/token") return { status: 200, text: token };
  if (url.pathname === "/api/v2/tokens/me") return { status: 200, text: me };
  if (method === "POST") {
    const made = { id: `id-${world.webhooks.length}`, ...JSON.parse(body) };
    world.webhooks.push(made);
    return { status: 201, text: JSON.stringify(made) };
  }
  if (method === "PUT") {
    const at = world.webhooks.findIndex(({ id }) => url.pathname.endsWith(`/${id}`));
    world.webhooks[at] = { ...world.webhooks[at], ...JSON.parse(body) };
    world.pages = makePages(world.webhooks);
    return { status: 200, text: JSON.stringify(world.webhooks[at]) };
  }
  return { status: 200, text: world.pages[Number(url.searchParams.get("pageNumber")) - 1] };
}

function makePages(webhooks) {
  const pageCount = Math.ceil(webhooks.length / pageSize);
  return Array.from({ length: pageCount || 1 }, (_, page) =>
    JSON.stringify({
      entities: webhooks.slice(page * pageSize, (page + 1) * pageSize),
      ...{ pageNumber: page + 1, pageSize, total: webhooks.length, pageCount },
    }),
  );
}
