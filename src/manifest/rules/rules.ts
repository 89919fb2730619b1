// All rules that go beyond the schema: first those about one value, then about one manifest, then across all manifests.
import { allowedHosts } from "./allowed-hosts.ts";
import { annotations } from "./annotations.ts";
import { alwaysNeedsPool } from "./always-needs-pool.ts";
import { capacity } from "./capacity.ts";
import { catalogMembership } from "./catalog-membership.ts";
import { descriptionLength } from "./description-length.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { endpointWarnings } from "./endpoint-warnings.ts";
import { kindOptions } from "./kind-options.ts";
import { nearLimit } from "./near-limit.ts";
import { oneScheme } from "./one-scheme.ts";
import { queryStrings } from "./query-strings.ts";
import { renamedFrom } from "./renamed-from.ts";
import { repeatedEndpoints } from "./repeated-endpoints.ts";
import { repeatedEventTypes } from "./repeated-event-types.ts";
import { requiredLabels } from "./required-labels.ts";
import { forDraft, forWhole, type Rule } from "./rule.ts";
import { sameSourceName } from "./same-source-name.ts";
import { sharedEndpoint } from "./shared-endpoint.ts";
import { startedTwice } from "./started-twice.ts";
import { throughput } from "./throughput.ts";
import { uniqueValues } from "./unique-values.ts";
import { unsharedEndpoints } from "./unshared-endpoints.ts";
import { unusedEndpoint } from "./unused-endpoint.ts";

export const rules: readonly Rule[] = [
  forDraft(endpointUrl),
  forDraft(sharedEndpoint),
  forDraft(oneScheme),
  forDraft(repeatedEndpoints),
  forDraft(endpointWarnings),
  forDraft(queryStrings),
  forDraft(repeatedEventTypes),
  forDraft(kindOptions),
  forDraft(annotations),
  forDraft(requiredLabels),
  allowedHosts,
  catalogMembership,
  forWhole(alwaysNeedsPool),
  forWhole(capacity),
  forWhole(nearLimit),
  forWhole(unusedEndpoint),
  forWhole(descriptionLength),
  uniqueValues,
  renamedFrom,
  unsharedEndpoints,
  sameSourceName,
  startedTwice,
  throughput,
];
