// The Genesys Cloud organisation that a run was in, as records, results and saved plans name it.
import { Type } from "typebox";
import { nullable } from "./shapes.ts";

export const organization = Type.Object(
  {
    id: Type.String({ description: "Its id." }),
    name: nullable(Type.String({ description: "Its name; null if the platform tells none." })),
  },
  { description: "The Genesys Cloud organisation." },
);
