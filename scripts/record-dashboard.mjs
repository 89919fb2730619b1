// Makes docs/dashboard-*.png: the dashboard of a real daemon on the sandbox, after a rebalance and a drift.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { deflateSync } from "node:zlib";
import { chromium } from "playwright-core";
import { findBrowser, howToGetOne } from "./find-browser.mjs";

const topics = [
  ...["created", "updated", "ended", "transferred", "abandoned"].map(
    (name) => `routing.queue.conversation.${name}`,
  ),
  ...["added", "removed", "activated"].map((name) => `routing.queue.member.${name}`),
  ...["call", "chat", "email", "message", "callback"].flatMap((medium) =>
    ["connected", "held", "ended"].map((name) => `conversation.${medium}.${name}`),
  ),
  ...["presence", "routingstatus", "station", "activity"].map((name) => `user.${name}.changed`),
  ...["completed", "disputed", "calibrated"].map((name) => `quality.evaluation.${name}`),
  ...["started", "completed", "paused"].map((name) => `outbound.campaign.${name}`),
];
const pool = (host, numbers) => numbers.map((number) => `https://${host}.example.com/genesys-${number}`);
const groups = (isAfter) => [
  group("agent-wallboards", pool("boards", isAfter ? [1, 3] : [1, 2, 3]), topics.slice(0, 17)),
  group("analytics-pipeline", pool("pipeline", isAfter ? [1, 2, 3, 4] : [1, 2, 3]), topics),
  group("billing-export", ["https://billing.example.com/events"], topics.slice(8, 20)),
  group("crm-sync", ["https://crm.example.com/hooks/genesys"], topics.slice(10, 15)),
  group(
    "quality-archive",
    ["https://archive-a.example.com/in", "https://archive-b.example.com/in"],
    topics.slice(9, 30),
  ),
];

const executablePath = findBrowser();
if (executablePath === null) throw new Error(howToGetOne);
const folder = mkdtempSync(join(tmpdir(), "reconcile-"));
mkdirSync(join(folder, "subscriptions"));
write(groups(false));
writeFileSync(join(folder, "gitconfig"), "[user]\n\tname = Ada Byron\n\temail = ada@example.com\n");
const daemon = spawn(
  "node",
  [resolve("dist/reconcile.js"), "watch", "--sandbox", "--listen", "127.0.0.1:0", "--interval", "5m"],
  {
    cwd: folder,
    env: { ...process.env, GIT_CONFIG_GLOBAL: join(folder, "gitconfig") },
  },
);
const [line] = await once(daemon.stderr.setEncoding("utf8"), "data");
const [url] = /http:\S+/.exec(line);
try {
  await passes(1);
  tamper();
  await fetch(`${url}/api/reconcile`, { method: "POST" });
  await passes(2);
  write(groups(true));
  await passes(3);
  await shoot();
} finally {
  daemon.kill();
  await once(daemon, "close");
  rmSync(folder, { recursive: true });
}

async function shoot() {
  const browser = await chromium.launch({ executablePath });
  const sizes = {
    light: { colorScheme: "light", viewport: { width: 1280, height: 1160 } },
    dark: { colorScheme: "dark", viewport: { width: 1280, height: 1160 } },
    narrow: { colorScheme: "light", viewport: { width: 360, height: 1200 } },
  };
  try {
    for (const [name, size] of Object.entries(sizes)) await shootOne(browser, name, size);
  } finally {
    await browser.close();
  }
}

async function shootOne(browser, name, { colorScheme, viewport }) {
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(error));
  page.on("console", (message) => console.error(message.text()));
  await page.goto(url);
  await page.getByRole("heading", { name: "All converged" }).waitFor();
  await page.locator("#trail-list li").first().waitFor();
  await page.locator(".arc").first().waitFor();
  const wallboards = page.locator(".group", { hasText: "agent-wallboards" });
  if (name !== "narrow") await wallboards.locator(".endpoint-head").first().click();
  await page.mouse.move(0, 0);
  const picture = await page.screenshot();
  writeFileSync(`docs/dashboard-${name}.png`, await packed(page, picture));
  await context.close();
}

function group(name, endpoints, eventTypes) {
  const list = (key, texts) => `  ${key}:\n${texts.map((text) => `    - ${text}\n`).join("")}`;
  return {
    name,
    text: `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: ${name}
spec:
  endpointUrl: ${endpoints[0]}
${endpoints.length > 1 ? list("endpointPool", endpoints) : ""}${list("eventTypes", eventTypes)}  offsetTracking:
    stateFile: /var/data/${name}.json
`,
  };
}

function write(all) {
  for (const { name, text } of all) writeFileSync(join(folder, "subscriptions", `${name}.yaml`), text);
}

/** Edits a webhook, as a person could in Genesys Cloud. */
function tamper() {
  const path = join(folder, ".reconcile/sandbox.json");
  const state = JSON.parse(readFileSync(path, "utf8"));
  const webhook = Object.values(state.webhooks).find(({ name }) => name.startsWith("crm-sync"));
  webhook.eventTypes = webhook.eventTypes.slice(1);
  webhook.state = "disabled";
  writeFileSync(path, JSON.stringify(state));
}

async function passes(number) {
  for (;;) {
    const status = await (await fetch(`${url}/api/status`)).json();
    if (status.passes >= number && status.phase === "waiting") return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Returns the same picture with at most 256 colours, and compressed better than a browser does it. */
async function packed(page, picture) {
  const { width, height, palette, rows } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    const counts = new Map();
    const at = (offset) => (data[offset] << 16) | (data[offset + 1] << 8) | data[offset + 2];
    for (let offset = 0; offset < data.length; offset += 4)
      counts.set(at(offset), (counts.get(at(offset)) ?? 0) + 1);
    const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
    const distance = (a, b) =>
      parts(a).reduce((sum, part, index) => sum + (part - parts(b)[index]) ** 2, 0);
    // The palette takes the most frequent colours, and then those that differ most from them.
    const byCount = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
    const palette = byCount.slice(0, 160);
    const rare = new Map(
      byCount
        .slice(160)
        .map((colour) => [colour, Math.min(...palette.map((other) => distance(colour, other)))]),
    );
    while (palette.length < 256 && rare.size > 0) {
      const [next] = [...rare].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
      palette.push(next);
      rare.delete(next);
      for (const [colour, least] of rare) rare.set(colour, Math.min(least, distance(colour, next)));
    }
    const nearest = (colour) =>
      palette.reduce(
        (best, other, index) => (distance(colour, other) < distance(colour, palette[best]) ? index : best),
        0,
      );
    const indices = new Map(palette.map((colour, index) => [colour, index]));
    const rows = [];
    for (let offset = 0; offset < data.length; offset += 4) {
      const colour = at(offset);
      if (!indices.has(colour)) indices.set(colour, nearest(colour));
      rows.push(indices.get(colour));
    }
    return { width: image.width, height: image.height, palette: palette.flatMap(parts), rows };
  }, picture.toString("base64"));
  const lines = Array.from({ length: height }, (_, row) => [
    0,
    ...rows.slice(row * width, (row + 1) * width),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const body = deflateSync(Buffer.from(lines.flat()), { level: 9, memLevel: 9 });
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette)),
    chunk("IDAT", body),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(checksum(named), named.length + 4);
  return framed;
}

/** CRC-32. */
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
