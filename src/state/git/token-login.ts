// Logs Git in with a token, which Git gets from a credential helper of our own: for one host, and neither in an argument nor
// in an address.
import { ReconcileError } from "../../model/errors.ts";

export interface TokenLogin {
  /** The address without a login of its own. */
  readonly address: string;
  readonly settings: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** GitHub and GitLab take any user beside a token; an address can name one for a server that does not. */
const anyUser = "x-access-token";

/**
 * Git runs this in its own shell. It answers only where Git asks for this very protocol and host, which another host, to
 * which an answer led, is not.
 */
const helper = [
  'test "$1" = get || exit 0',
  "p= h=",
  "while IFS= read -r l; do case $l in protocol=*) p=${l#protocol=};; host=*) h=${l#host=};; esac; done",
  'test "$p://$h" = "$RECONCILE_STATE_HOST" || exit 0',
  'printf "username=%s\\npassword=%s\\n" "$RECONCILE_STATE_USER" "$RECONCILE_STATE_TOKEN"',
].join("; ");

/** `address` is an https one, or http to this machine. Throws ReconcileError `state/refused` for a token that is none. */
export function loginByToken(address: string, token: string): TokenLogin {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new ReconcileError("state/refused", "RECONCILE_GIT_TOKEN is no token", {
      hint: "a token has no spaces, line ends or letters beyond ASCII",
    });
  const [, scheme = "", login, host = "", rest = ""] =
    /^(https?):\/\/(?:([^@/?#]*)@)?([^/?#]*)(.*)$/i.exec(address) ?? [];
  const place = `${scheme}://${host}`;
  const bare = `${place}${rest}`;
  return {
    address: bare,
    settings: [
      // Of several settings Git takes the one for the closest address, so the user's own give way to these alone.
      ...[
        `credential.${settingPlace(bare, place)}.helper=`,
        `http.${settingPlace(bare, place)}.extraHeader=`,
      ],
      `credential.${settingPlace(bare, place)}.helper=!f() { ${helper}; }; f`,
    ],
    variables: {
      RECONCILE_STATE_HOST: `${scheme.toLowerCase()}://${host}`,
      RECONCILE_STATE_USER: userOf(login) ?? anyUser,
      RECONCILE_STATE_TOKEN: token,
      ...{ GIT_ASKPASS: "", SSH_ASKPASS: "" },
    },
  };
}

/** A name with an `=` cannot be set in Git's arguments. */
export function settingPlace(address: string, place: string): string {
  return address.includes("=") ? place : address;
}

function userOf(login: string | undefined): string | null {
  const [user = ""] = (login ?? "").split(":");
  return user === "" ? null : decodeURIComponent(user);
}
