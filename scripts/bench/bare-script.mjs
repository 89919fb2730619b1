// A script such as people write: it reads and parses each file of a folder, and sends the requests of a pass with `fetch`, one
// after the other. It validates nothing and compares nothing.
import { readdirSync, readFileSync } from "node:fs";

const [folder, yaml] = process.argv.slice(2);
const { parse } = await import(yaml);
for (const file of readdirSync(folder)) parse(readFileSync(`${folder}/${file}`, "utf8"));
const api = process.env.GENESYS_API_URL;
const login = { method: "POST", body: "grant_type=client_credentials" };
const token = await (await fetch(`${api}/oauth/token`, login)).json();
const headers = { authorization: `Bearer ${token.access_token}` };
for (let page = 1, pages = 1; page <= pages; page += 1) {
  const url = `${api}/api/v2/webhooks?pageSize=100&pageNumber=${page}`;
  pages = (await (await fetch(url, { headers })).json()).pageCount;
}
