// Finds flags that cannot be combined with each other, or with what the config says.
import type { Config } from "../model/config.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";

interface Flags {
  readonly acceptHead?: string;
  readonly adoptFrom?: string;
  readonly dryRun?: true;
  readonly out?: string;
  readonly prune?: boolean;
  readonly pruneRemoved?: boolean;
  readonly selector?: object;
}

/** `config` is null if it is not valid. */
export function findClashes(flags: Flags, config: Config | null): readonly Diagnostic[] {
  const prunes = [flags.prune, flags.pruneRemoved, config?.prune].includes(true);
  return [
    ...(flags.selector && prunes ? [pruneWithSelector] : []),
    ...(flags.out !== undefined && !flags.dryRun ? [outWithoutDryRun] : []),
    ...(flags.acceptHead !== undefined && flags.dryRun ? [acceptInDryRun] : []),
    ...(flags.adoptFrom !== undefined && flags.adoptFrom === config?.owner ? [adoptFromSelf] : []),
  ];
}

const pruneWithSelector: Diagnostic = {
  severity: "error",
  code: "prune/withSelector",
  message: "--selector cannot be combined with pruning: a group without a manifest has no labels",
  hint: "name the groups with --group, or leave out --selector",
  ...nowhere,
};

const outWithoutDryRun: Diagnostic = {
  severity: "error",
  code: "out/withoutDryRun",
  message: "--out saves a plan for later, and a sync applies its plan at once, so they cannot be combined",
  hint: "use `reconcile plan --out FILE`, then `reconcile apply FILE`",
  ...nowhere,
};

const acceptInDryRun: Diagnostic = {
  severity: "error",
  code: "acceptHead/inDryRun",
  message: "--accept-head is put on record, and a dry run records nothing, so they cannot be combined",
  hint: "look at the plan first, then run `reconcile sync --accept-head HASH`",
  ...nowhere,
};

const adoptFromSelf: Diagnostic = {
  severity: "error",
  code: "adoptFrom/sameOwner",
  message: "--adopt-from names the owner of this config, whose resources need not be taken over",
  hint: "name the owner that they have now, and write the new one into `owner` of the config",
  ...nowhere,
};
