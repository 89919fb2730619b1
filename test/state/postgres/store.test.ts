// The PostgreSQL store keeps what every shared store promises.
import { describeStore } from "../store-suite.ts";
import { makePostgresWorld, whyWithoutServer, withoutServer } from "./world.ts";

describeStore(`the PostgreSQL store${whyWithoutServer}`, async () => makePostgresWorld(), {
  skip: withoutServer,
});
