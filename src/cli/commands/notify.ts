// `reconcile notify`: sends one message, which a workflow writes.
import { notifyOnce, readNotifying } from "../../app/notifying.ts";
import { recallOrganization } from "../../app/recall-organization.ts";
import { requireConfig } from "../../app/pass-settings.ts";
import { readEnvironment } from "../../app/environment.ts";
import type { World } from "../../app/world.ts";
import { joinWords } from "../../lib/join-words.ts";
import { plain } from "../../lib/plain.ts";
import type { NotifyTopic } from "../../model/config.ts";
import { ReconcileError } from "../../model/errors.ts";

export interface NotifyFlags {
  readonly config?: string;
  readonly summary: string;
  readonly link?: string;
}

/** Returns the exit status. Throws ReconcileError when the config or an address is not valid. */
export async function runNotify(
  topic: NotifyTopic,
  { config: file, summary, link }: NotifyFlags,
  world: World,
): Promise<number> {
  const config = await requireConfig(file === undefined ? {} : { config: file }, world.files);
  const { variables } = await readEnvironment(world.environment, world.files);
  const { notifying, diagnostics } = await readNotifying(config, variables, world.files);
  const [fault] = diagnostics;
  if (fault) throw new ReconcileError(fault.code, fault.message, { hint: fault.hint ?? "" });
  const details = link === undefined ? [] : [link];
  const { sent, failures } = await notifyOnce(
    {
      ...{ topic, summary, details },
      recallOrganization: () => recallOrganization({ config, environment: notifying.environment, world }),
    },
    notifying,
    world,
  );
  for (const failure of failures)
    world.stderr.write(`${plain(`error: the message was not sent: ${failure}`)}\n`);
  if (sent.length > 0) world.stdout.write(`The message went to ${joinWords(sent, "and")}.\n`);
  else if (failures.length === 0)
    world.stdout.write(`${config.file} asks for no message about ${topic}.\n`);
  return failures.length > 0 ? 1 : 0;
}
