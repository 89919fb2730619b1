// Checks the addresses to which messages go; it sends none.
import { givenBy } from "../app/read-secret.ts";
import { joinWords } from "../lib/join-words.ts";
import { ReconcileError } from "../model/errors.ts";
import { findReceivers } from "../notify/receivers.ts";
import { failed, notChecked, passed, placed, type Finding, type Observations } from "./check.ts";

export function checkNotify({ isSandbox, config, environment, addresses }: Observations): Finding {
  if (!config.ok) return notChecked("needs a valid config");
  const { notify, file } = config.value;
  if (notify.length === 0) return passed(`${file} asks for no messages`);
  if (isSandbox) return passed("--sandbox sends no messages");
  if (environment instanceof ReconcileError) return notChecked("needs a readable .env");
  if (addresses instanceof ReconcileError)
    return failed(addresses.message, addresses.hint ?? "set one of them");
  const { receivers, diagnostics } = findReceivers(config.value, addresses, (name) =>
    givenBy(name, environment.variables),
  );
  const [first, ...others] = diagnostics;
  if (first) return failed(placed(first), first.hint ?? "set it", others.map(placed));
  const kinds = receivers.map(({ kind }) => kind);
  return passed(`messages go to ${joinWords(kinds, "and")}; none was sent`);
}
