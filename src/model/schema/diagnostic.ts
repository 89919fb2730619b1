// A diagnostic: a fault of the user's input, its place, and the way out.
import { Type } from "typebox";
import { nullable, platformCode } from "./shapes.ts";

/** A place in a file. */
export const place = Type.Object({
  file: Type.String({ description: "Path as the user would type it." }),
  line: Type.Integer({ description: "From 1.", minimum: 1 }),
  column: Type.Integer({ description: "From 1.", minimum: 1 }),
});

export const diagnostic = Type.Object(
  {
    severity: Type.Enum(["error", "warning"], {
      description: "An error refuses something; a warning does not.",
    }),
    /** `<key>/<problem>`. */
    code: Type.String({ description: "Stable, as eventTypes/tooMany." }),
    /** In the user's words, without a full stop at the end. */
    message: Type.String({ description: "One sentence." }),
    hint: nullable(Type.String({ description: "The way out; null without one." })),
    platformCode: Type.Optional(platformCode),
    file: nullable(
      Type.String({
        description: "Path as the user would type it; null if the diagnostic concerns no file.",
      }),
    ),
    /** A fault of a whole file is at 1:1. */
    line: nullable(Type.Integer({ description: "From 1; null without a file." })),
    column: nullable(Type.Integer({ description: "From 1; null without a file." })),
  },
  { $id: "diagnostic", description: "What is wrong, where, and the way out." },
);
