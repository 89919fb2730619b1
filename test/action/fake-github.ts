// GitHub's API on loopback, as far as comments and issues go. A token may do what its job was permitted, and no more.
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Post {
  readonly number: number;
  readonly user: { readonly login: string; readonly type: string };
  title?: string;
  body: string;
  state?: string;
}

export interface FakeGitHub {
  readonly url: string;
  /** By the number of the pull request or issue. */
  readonly comments: Map<number, Post[]>;
  readonly issues: Post[];
  /** Of the environments that runs waited for; every run has the same. */
  readonly reviews: unknown[];
  /** What changed something, as `PATCH issues/comments/1`, in order. */
  readonly writes: string[];
  /** A token's, as `pull-requests` → `write`. */
  readonly permissions: Map<string, Readonly<Record<string, string>>>;
  close(): void;
}

export const bot = { login: "github-actions[bot]", type: "Bot" };

interface Sent {
  readonly title?: string;
  readonly body?: string;
  readonly state?: string;
}

/** Everything is about one repository. */
export async function startGitHub(): Promise<FakeGitHub> {
  const comments = new Map<number, Post[]>();
  const issues: Post[] = [];
  const reviews: unknown[] = [];
  const writes: string[] = [];
  const permissions: FakeGitHub["permissions"] = new Map();
  let lastId = 0;
  const post = (sent: Sent): Post => ({ number: (lastId += 1), user: bot, body: "", ...sent });

  const answer = (method: string, path: string, sent: Sent): { status: number; body: unknown } => {
    const ok = (body: unknown) => ({ status: method === "POST" ? 201 : 200, body });
    if (/^actions\/runs\/\d+\/approvals$/.test(path)) return ok(reviews);
    const ofIssue = /^issues\/(\d+)\/comments$/.exec(path)?.[1];
    const comment = /^issues\/comments\/(\d+)$/.exec(path)?.[1];
    const issue = /^issues\/(\d+)$/.exec(path)?.[1];
    if (ofIssue !== undefined) {
      const there = comments.get(Number(ofIssue)) ?? [];
      comments.set(Number(ofIssue), there);
      if (method === "GET") return ok(there.map(shown));
      there.push(post(sent));
      return ok(shown(there.at(-1)));
    }
    const all = [...comments.values()].flat();
    const known =
      comment === undefined
        ? issues.find(({ number }) => number === Number(issue))
        : all.find(({ number }) => number === Number(comment));
    if (method === "PATCH" && known) return ok(shown(Object.assign(known, sent)));
    if (path !== "issues") return { status: 404, body: {} };
    if (method === "GET") return ok(issues.filter(({ state }) => state === "open").map(shown));
    issues.push({ ...post(sent), state: "open" });
    return ok(shown(issues.at(-1)));
  };

  const server = createServer((request, response) => {
    void readJson(request).then((sent) => {
      const { method = "", url = "" } = request;
      const [path = "", query = ""] = url.replace("/repos/acme/telephony/", "").split("?");
      const token = (request.headers.authorization ?? "").replace("Bearer ", "");
      const may = permissions.get(token) ?? {};
      const isWrite = method !== "GET";
      const isAllowed =
        (!isWrite && (!path.startsWith("actions/") || may["actions"] === "read")) ||
        may["issues"] === "write" ||
        (path.includes("comments") && may["pull-requests"] === "write");
      const isSecondPage = method === "GET" && /(?:^|&)page=[2-9]/.test(query);
      const { status, body } =
        !permissions.has(token) || !isAllowed || url === "/user"
          ? { status: 403, body: { message: "Resource not accessible by integration" } }
          : isSecondPage
            ? { status: 200, body: [] }
            : answer(method, path, sent);
      if (isWrite) writes.push(`${method} ${path} ${status}`);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, comments, issues, reviews, writes, permissions, close };
}

function shown(post: Post | undefined): unknown {
  return { ...post, id: post?.number };
}

async function readJson(request: IncomingMessage): Promise<Sent> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return text === "" ? {} : (JSON.parse(text) as Sent);
}
