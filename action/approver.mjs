// Asks GitHub who let this run go on to an environment that it waited for: no variable of a run tells.
import { openGitHub } from "./tell.mjs";

/**
 * Resolves with the login; empty if nobody had to approve, or if GitHub does not answer, because a run must not fail by that.
 * A run that was started again may have had several approvals. GitHub does not tell which attempt each was for, so all count.
 */
export async function findApprover({ token, environment }) {
  if (environment === "" || token === "") return "";
  try {
    const path = `actions/runs/${process.env.GITHUB_RUN_ID}/approvals`;
    const reviews = await openGitHub(token).send("GET", path);
    const logins = reviews
      .filter(({ state }) => state === "approved")
      .filter(({ environments }) => environments.some(({ name }) => name === environment))
      .map(({ user }) => user.login);
    return [...new Set(logins)].join(", ");
  } catch {
    return "";
  }
}
