// Tells a pull request, by one comment, or the repository, by one issue, what came of a run. Both are found again by
// a marker that nobody sees, and written over; where there is nothing to say and nothing was said, they stay quiet.
import { readFileSync } from "node:fs";

/** In what a command writes for people it is the first line. */
const plainMarker = "<!-- reconcile -->";
const pageSize = 100;
/** Beyond so many pages of comments or open issues nobody reads them, either. */
const maxPages = 20;
const timeoutMs = 30_000;

/**
 * `news`: { markdown, hasChanges, isOk }; `folder`: two installations in one repository have a comment each.
 * Resolves with what it did, in words. Rejects with what GitHub said.
 */
export async function tellPullRequest(news, { token, folder }) {
  const number = readEvent().pull_request?.number;
  if (!Number.isSafeInteger(number)) return "This run is not about a pull request: no comment.";
  if (news.markdown === "") return "The command came to no result: no comment.";
  const github = openGitHub(token);
  const marker = markerOf(folder);
  const known = await github.find(`issues/${number}/comments?`, marker);
  if (!known && !news.hasChanges && news.isOk)
    return "Nothing changes, and nothing did before: no comment.";
  const body = showBody(news, marker);
  if (!known) {
    await github.send("POST", `issues/${number}/comments`, { body });
    return "The pull request is told in a comment.";
  }
  if (isSame(known.body, body)) return "The comment says so already.";
  await github.send("PATCH", `issues/comments/${known.id}`, { body });
  return "The pull request's comment is up to date.";
}

/** As `tellPullRequest`. */
export async function tellIssue(news, { token, folder }) {
  if (news.markdown === "" || (!news.hasChanges && !news.isOk))
    return "The command came to no result: the issue stays as it is.";
  const github = openGitHub(token);
  const marker = markerOf(folder);
  const known = await github.find("issues?state=open&", marker);
  if (!known && !news.hasChanges) return "Nothing differs: no issue.";
  const body = showBody(news, marker);
  if (!known) {
    const { number } = await github.send("POST", "issues", { title: titleOf(folder), body });
    return `Issue #${number} says what differs.`;
  }
  const { number } = known;
  if (!news.hasChanges) {
    const again = "Genesys Cloud is as the manifests say again.";
    await github.send("POST", `issues/${number}/comments`, { body: `${again}${footer()}` });
    await github.send("PATCH", `issues/${number}`, { state: "closed", state_reason: "completed" });
    return `Issue #${number} is closed: ${again}`;
  }
  if (isSame(known.body, body)) return `Issue #${number} says so already.`;
  await github.send("PATCH", `issues/${number}`, { body });
  return `Issue #${number} is up to date.`;
}

function titleOf(folder) {
  return `Genesys Cloud is not as the manifests say${isRoot(folder) ? "" : ` (${folder})`}`;
}

function isRoot(folder) {
  return folder === "" || folder === ".";
}

/** A folder's name cannot end the comment that it stands in. */
function markerOf(folder) {
  return isRoot(folder) ? plainMarker : `<!-- reconcile: ${encodeURIComponent(folder)} -->`;
}

function showBody({ markdown }, marker) {
  return `${markdown.trim().replace(plainMarker, () => marker)}${footer()}`;
}

const footerStart = "\n\n<sub>[The run]";

function footer() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  return `${footerStart}(${server}/${repository}/actions/runs/${run})</sub>\n`;
}

/** The run that said it first is as good as any. GitHub may give line breaks back as it likes them. */
function isSame(a, b) {
  const withoutFooter = (text) => text.replaceAll("\r\n", "\n").split(footerStart)[0].trim();
  return withoutFooter(a) === withoutFooter(b);
}

function readEvent() {
  const path = process.env.GITHUB_EVENT_PATH;
  return path ? JSON.parse(readFileSync(path, "utf8")) : {};
}

function openGitHub(token) {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository } = process.env;
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": "genesys-webhook-reconciler",
    "x-github-api-version": "2022-11-28",
  };
  const ask = (method, path, body) =>
    fetch(`${api}/${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const send = async (method, path, body) => {
    const response = await ask(method, `repos/${repository}/${path}`, body);
    if (response.ok) return response.json();
    const hint = [403, 404].includes(response.status)
      ? "; the job needs `permissions: pull-requests: write` (comment) or `issues: write` (issue)"
      : "";
    throw new Error(`GitHub answers ${method} ${path.split("?")[0]} with ${response.status}${hint}`);
  };
  /** Somebody else could write the marker, too: only what this token has written counts. */
  const isOurs = async () => {
    const whoAmI = await ask("GET", "user");
    // The token of a run is no user's: what it writes is a bot's.
    if (!whoAmI.ok) return ({ type }) => type === "Bot";
    const { login } = await whoAmI.json();
    return (user) => user.login === login;
  };
  const find = async (path, marker) => {
    const isOwn = await isOurs();
    for (let page = 1; page <= maxPages; page += 1) {
      const found = await send("GET", `${path}per_page=${pageSize}&page=${page}`);
      const known = found.find(({ body, user }) => body?.startsWith(marker) && user && isOwn(user));
      if (known) return known;
      if (found.length < pageSize) return null;
    }
    return null;
  };
  return { send, find };
}
