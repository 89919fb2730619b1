// Hostile addresses and branches for `--git`.
import { gitAddresses } from "./git-addresses.ts";
import { proveFamily } from "./prove.ts";

proveFamily(gitAddresses);
