// Who and what ran, beside the actor, as each record of a run has it.
import { Type } from "typebox";
import { texts } from "./shapes.ts";

const ciRun = Type.Object(
  {
    system: Type.String({ description: "The CI system, such as GitHub Actions." }),
    url: Type.Optional(Type.String({ description: "The address of the run's page." })),
    startedBy: Type.Optional(Type.String({ description: "The person who started the run." })),
    approvedBy: Type.Optional(
      Type.String({ description: "The person who approved the run, if the system tells it." }),
    ),
  },
  {
    description: "The run of a CI system that this run was part of, as the system's variables describe it.",
  },
);

const daemon = Type.Object(
  {
    host: Type.String({ description: "The machine on which it runs." }),
    wokenBy: texts(
      "What asked for the pass: start, interval, files, git, signal, request, or retry after a failure.",
    ),
  },
  { description: "The daemon that ran the pass; absent in any other run." },
);

export const runProvenance = Type.Object(
  {
    claimed: Type.Optional(
      Type.Literal(true, {
        description:
          "True if the actor is only what Git's user.name says, which anyone can set to anything.",
      }),
    ),
    login: Type.Optional(
      Type.String({ description: "Beside a claimed actor, user@host as the machine reports it." }),
    ),
    client: Type.Optional(
      Type.String({ description: "The id of the OAuth client that the run logs in as." }),
    ),
    commit: Type.Optional(
      Type.String({
        description: "Git commit of the manifests, as in source; also in records without a source.",
      }),
    ),
    pullRequest: Type.Optional(
      Type.String({
        description: "The number of the pull request, as the CI system or the commit's message names it.",
      }),
    ),
    ci: Type.Optional(ciRun),
    daemon: Type.Optional(daemon),
  },
  { description: "What is known of who and what ran, beside the actor. Absent if nothing is." },
);
