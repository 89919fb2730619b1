// Writes the result of a run into one comment of the pull request, or into one issue of the repository. A later run finds
// the comment or issue by an invisible marker and overwrites it. Without changes, and without an earlier comment or issue,
// nothing is written.
import { readFileSync } from "node:fs";
import { posix } from "node:path";

/** The first line of a command's Markdown output. */
const plainMarker = "<!-- reconcile -->";
const pageSize = 100;
/** The search for the marker ends after this many pages of comments or open issues. */
const maxPages = 20;
const timeoutMs = 30_000;

/**
 * `news` is { markdown, owner, hasChanges, hasOrphans, hasNewOrphans, isOk }; `owner` is undefined if the config could not
 * be read. `folder` and `config`, the value of --config, tell the configs in one repository apart, so that each has its own
 * comment. Resolves with a sentence about what it did. Rejects with an error that names GitHub's answer.
 */
export async function tellPullRequest(news, { token, ...paths }) {
  const number = readEvent().pull_request?.number;
  if (!Number.isSafeInteger(number))
    return "This run does not belong to a pull request, so there is no comment.";
  if (news.markdown === "") return "The command gave no result, so there is no comment.";
  const github = openGitHub(token);
  const known = await github.find(`issues/${number}/comments?`, markOf(paths));
  if (!known && !news.hasChanges && !news.hasNewOrphans && news.isOk)
    return "There are no changes, and there were none before, so there is no comment.";
  const body = showBody(news, paths);
  if (!known) {
    await github.send("POST", `issues/${number}/comments`, { body });
    return "The pull request has a new comment.";
  }
  if (isSame(known.body, body)) return "The comment is already up to date.";
  await github.send("PATCH", `issues/comments/${known.id}`, { body });
  return "The pull request's comment was updated.";
}

/** Like `tellPullRequest`, for the issue. `onChange` gets `drift` if it opens one, `recovery` if it closes one, and its address. */
export async function tellIssue(news, { token, onChange = () => undefined, ...paths }) {
  const differs = news.hasChanges || news.hasOrphans;
  if (news.markdown === "" || (!differs && !news.isOk))
    return "The command gave no result, so the issue stays as it is.";
  const github = openGitHub(token);
  const known = await github.find("issues?state=open&", markOf(paths));
  if (!known && !differs) return "Nothing differs, so there is no issue.";
  const body = showBody(news, paths);
  if (!known) {
    const { number } = await github.send("POST", "issues", { title: titleOf(paths), body });
    onChange("drift", addressOf(number));
    return `Issue #${number} was opened; it says what differs.`;
  }
  const { number } = known;
  if (!differs) {
    const again = "Genesys Cloud agrees with the manifests again.";
    await github.send("POST", `issues/${number}/comments`, { body: `${again}${footer()}` });
    await github.send("PATCH", `issues/${number}`, { state: "closed", state_reason: "completed" });
    onChange("recovery", addressOf(number));
    return `Issue #${number} was closed: ${again}`;
  }
  if (isSame(known.body, body)) return `Issue #${number} is already up to date.`;
  await github.send("PATCH", `issues/${number}`, { body });
  return `Issue #${number} was updated.`;
}

function addressOf(number) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  return `${server}/${repository}/issues/${number}`;
}

function titleOf(paths) {
  const place = placeOf(paths);
  return `Genesys Cloud is not as the manifests say${place === "" ? "" : ` (${place})`}`;
}

/** The path of the config; of one with the usual name, its folder, which is empty at the root. */
function placeOf({ folder, config = usualConfig }) {
  const path = posix.join(folder, config);
  if (posix.basename(path) !== usualConfig) return path;
  const above = posix.dirname(path);
  return above === "." ? "" : above;
}

const usualConfig = "reconcile.yaml";

/** The beginning of the marker, by which the comment is found whoever the owner is: an owner can be renamed. */
function markOf(paths) {
  const place = placeOf(paths);
  // The path is encoded, so that it cannot end the HTML comment.
  return place === "" ? plainMarker : `<!-- reconcile: ${encodeURIComponent(place)} `;
}

function showBody({ markdown, owner }, paths) {
  const mark = markOf(paths);
  const named = paths.config && owner ? `owner=${encodeURIComponent(owner)} ` : "";
  const marker = mark === plainMarker ? mark : `${mark}${named}-->`;
  return `${markdown.trim().replace(plainMarker, () => marker)}${footer()}`;
}

const footerStart = "\n\n<sub>[The run]";

function footer() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  return `${footerStart}(${server}/${repository}/actions/runs/${run})</sub>\n`;
}

/** Compares without the link to the run, and with either kind of line break, as GitHub may change them. */
function isSame(a, b) {
  const withoutFooter = (text) => text.replaceAll("\r\n", "\n").split(footerStart)[0].trim();
  return withoutFooter(a) === withoutFooter(b);
}

function readEvent() {
  const path = process.env.GITHUB_EVENT_PATH;
  return path ? JSON.parse(readFileSync(path, "utf8")) : {};
}

export function openGitHub(token) {
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
  /** Anyone could write the marker, so only comments and issues by this token's own user count. */
  const isOurs = async () => {
    const whoAmI = await ask("GET", "user");
    // The token of a workflow run belongs to no user; what it writes is by a bot.
    if (!whoAmI.ok) return ({ type }) => type === "Bot";
    const { login } = await whoAmI.json();
    return (user) => user.login === login;
  };
  const find = async (path, mark) => {
    const isOwn = await isOurs();
    for (let page = 1; page <= maxPages; page += 1) {
      const found = await send("GET", `${path}per_page=${pageSize}&page=${page}`);
      const known = found.find(({ body, user }) => body?.startsWith(mark) && user && isOwn(user));
      if (known) return known;
      if (found.length < pageSize) return null;
    }
    return null;
  };
  return { send, find };
}
