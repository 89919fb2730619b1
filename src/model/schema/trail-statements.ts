// Describes the fields in which a record tells of the records before it.
import { Type } from "typebox";
import { count, nullable } from "./shapes.ts";

export const hash = "^[0-9a-f]{64}$";

/** The last record of a trail. */
const head = Type.Object({
  seq: count("Its number; 0 where there is no record."),
  hash: Type.String({ description: "Its hash; 64 zeros where there is no record.", pattern: hash }),
});

export const acceptedHead = Type.Object(
  {
    lastSeen: nullable(
      Type.Object(head.properties, {
        description: "The head that this machine saw last; null if it kept none.",
      }),
    ),
    found: Type.Object(head.properties, { description: "The head that stood in the trail." }),
  },
  {
    description:
      "In the first record of a run that went on from a trail that did not verify (--accept-head). Later checks begin there.",
  },
);

export const olderThan = Type.Object(
  {
    commit: Type.String({ description: "The commit that was applied last.", pattern: "^[0-9a-f]{40,64}$" }),
    runId: Type.String({ description: "The run that applied it." }),
  },
  {
    description:
      "In the first record of a run that applied a commit older than the last applied one (--allow-older). Absent in any other record.",
  },
);

export const unsignedBefore = Type.Object(
  {
    head: Type.String({ description: "The hash of the last record before it.", pattern: hash }),
    count: Type.Integer({ description: "How many unsigned records precede it.", minimum: 1 }),
  },
  { description: "In the first signed record: the unsigned records before it." },
);

export const continued = Type.Object(
  {
    file: Type.String({
      description: "The name of the closed file, which was left beside the trail.",
      pattern: "^[^/\\\\]+$",
    }),
    seq: Type.Integer({ description: "The number of its last record, trail.closed.", minimum: 1 }),
    hash: Type.String({ description: "The hash of that record.", pattern: hash }),
  },
  { description: "In the first record of a file (trail.continued): the file that it goes on from." },
);

export const archive = Type.Object(
  {
    owner: Type.String({ description: "The name under which the organisation `archive` holds it." }),
    ...head.properties,
  },
  {
    description:
      "In the first record of a trail that was begun by `state move` from a file with the records of several: the archive that holds the file, and its head.",
  },
);

export const claims = Type.Object(
  {
    before: Type.Integer({ description: "Records with a smaller seq are claimed.", minimum: 1 }),
    records: count("How many they are."),
  },
  {
    description:
      "In a record that claims older ones (trail.claimed): records of this environment and owner that name no organisation are this one's.",
  },
);
