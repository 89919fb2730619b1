// The least that a pass can cost: it reads what is wanted from one JSON file, logs in, reads the first page and then all
// others together, and sends the writes over 16 sockets that stay open. It checks nothing. With a number behind the file it
// reads the pages so many times, as a daemon does.
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";

const [wanted, rounds = 1] = process.argv.slice(2);
const { writes } = JSON.parse(readFileSync(wanted, "utf8"));
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const api = process.env.GENESYS_API_URL;

function send(method, path, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(`${api}${path}`, { method, agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject).end(body);
  });
}

const { access_token: token } = await send("POST", "/oauth/token", {
  body: "grant_type=client_credentials",
});
const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
const page = (number) => send("GET", `/api/v2/webhooks?pageSize=100&pageNumber=${number}`, { headers });
for (let round = 0; round < rounds; round += 1) {
  const { pageCount } = await page(1);
  await Promise.all(Array.from({ length: Math.max(0, pageCount - 1) }, (_, at) => page(at + 2)));
}
await Promise.all(writes.map(({ method, path, body }) => send(method, path, { headers, body })));
agent.destroy();
