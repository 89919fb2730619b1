// What Git's words about a remote mean. They are those of Git 2.39 to 2.47, GitHub, GitLab and OpenSSH.
import { expect, test } from "vitest";
import { Damage } from "../../../src/state/git/damage.ts";
import { errorOf } from "../../../src/state/git/git-answers.ts";

const asked = { shown: "https://git.example.com/a.git", deed: "pushed" };
const judge = (said: string) => errorOf(new Error(said), asked);
const ssh =
  "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.";

test.each([
  "fatal: unable to access 'https://git.example.com/a.git/': Could not resolve host: git.example.com",
  "fatal: unable to access 'https://git.example.com/a.git/': Failed to connect to git.example.com port 443 after 3 ms: Couldn't connect to server",
  "fatal: unable to access 'https://git.example.com/a.git/': The requested URL returned error: 502",
  "fatal: unable to access 'https://git.example.com/a.git/': Operation too slow. Less than 1 bytes/sec transferred the last 30 seconds",
  "fatal: unable to access 'https://git.example.com/a.git/': gnutls_handshake() failed: The TLS connection was non-properly terminated.",
  "error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: expected 'acknowledgments'",
  "send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly",
  `ssh: connect to host git.example.com port 22: Connection timed out\r\n${ssh}`,
  `ssh: Could not resolve hostname git.example.com: Temporary failure in name resolution\r\n${ssh}`,
  "git was ended by SIGKILL",
  `kex_exchange_identification: Connection closed by remote host\n${ssh}`,
])("no answer: %s", (said) => {
  expect(judge(said)).toMatchObject({ code: "state/unreachable", class: "retriable" });
});

test.each([
  [
    "remote: Invalid username or password.\nfatal: Authentication failed for 'https://git.example.com/a.git/'",
    "RECONCILE_GIT_TOKEN",
  ],
  [
    "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled",
    "RECONCILE_GIT_TOKEN",
  ],
  [
    "remote: Permission to acme/a.git denied to ada.\nfatal: unable to access 'https://git.example.com/a.git/': The requested URL returned error: 403",
    "RECONCILE_GIT_TOKEN",
  ],
  [
    "remote: Write access to repository not granted.\nfatal: unable to access 'https://git.example.com/a.git/': The requested URL returned error: 403",
    "RECONCILE_GIT_TOKEN",
  ],
  [`git@git.example.com: Permission denied (publickey).\r\n${ssh}`, "over ssh use a key"],
  [
    `ERROR: The key you are authenticating with has been marked as read only.\n${ssh}`,
    "write access for the deploy key",
  ],
  [
    "remote: ERROR: This repository was archived so it is read-only.\nfatal: unable to access 'https://git.example.com/a.git/': The requested URL returned error: 403",
    "from its archive",
  ],
  [`ERROR: Repository not found.\n${ssh}`, "check the remote's address"],
  [
    "remote: Not Found\nfatal: repository 'https://git.example.com/a.git/' not found",
    "check the remote's address",
  ],
  [`fatal: '/srv/a.git' does not appear to be a git repository\n${ssh}`, "check the remote's address"],
  [
    "remote: error: GH006: Protected branch update failed for refs/heads/reconcile-state/o/a.\n ! [remote rejected] 1 -> 2 (protected branch hook declined)\nerror: failed to push some refs to 'a'",
    "a rule or a hook",
  ],
  [
    "remote: error: GH013: Repository rule violations found for refs/heads/reconcile-state/o/a.\n ! [remote rejected] 1 -> 2 (push declined due to repository rule violations)\nerror: failed to push some refs to 'a'",
    "a rule or a hook",
  ],
  [
    "remote: GitLab: You are not allowed to push code to protected branches on this project.\n ! [remote rejected] 1 -> 2 (pre-receive hook declined)\nerror: failed to push some refs to 'a'",
    "a rule or a hook",
  ],
  [
    " ! [remote rejected] 1 -> 2 (unpacker error)\nerror: remote unpack failed: unable to create temporary object directory",
    "cannot be written",
  ],
  [
    "remote: fatal: write error: No space left on device\nerror: remote unpack failed: unpack-objects abnormal exit",
    "make room",
  ],
  [`Host key verification failed.\r\n${ssh}`, "known_hosts"],
  [
    "fatal: unable to access 'https://git.example.com/a.git/': SSL certificate problem: self-signed certificate in certificate chain",
    "GIT_SSL_CAINFO",
  ],
])("a refusal: %s", (said, way) => {
  expect(judge(said)).toMatchObject({
    code: "state/refused",
    class: "terminal",
    hint: expect.stringContaining(way) as string,
  });
});

test.each([
  [
    "remote: error: GH006: Protected branch update failed.\n ! [remote rejected] 1 -> 2 (protected branch hook declined)",
    "remote: error: GH006: Protected branch update failed.",
  ],
  [
    " ! [remote rejected] 1 -> 2 (pre-receive hook declined)\nerror: failed to push some refs to 'a'",
    "pre-receive hook declined",
  ],
  [
    `git@git.example.com: Permission denied (publickey).\r\n${ssh}`,
    "git@git.example.com: Permission denied (publickey).",
  ],
  [
    "fatal: unable to access 'https://ada:canary@git.example.com/a.git/': Could not resolve host: git.example.com",
    "fatal: unable to access 'https://…@git.example.com/a.git/': Could not resolve host: git.example.com",
  ],
])("the message has the line that says most: %s", (said, line) => {
  expect(judge(said).message).toBe(
    `the state could not be pushed at https://git.example.com/a.git: ${line}`,
  );
});

test.each([
  "error: inflate: data stream error (incorrect header check)\nfatal: loose object 1a2b (stored in objects/1a/2b) is corrupt",
  "fatal: bad object refs/reconcile/1a2b",
  "error: remote did not send all necessary objects",
])("damage of the own folder: %s", (said) => {
  expect(judge(said)).toBeInstanceOf(Damage);
});
