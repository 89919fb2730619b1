// Writes the manifests that are measured.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes one group a file. With more than one of `endpoints`, each has a pool of that size; each endpoint has `types` event types. */
export function writeManifests(folder, { groups, endpoints = 1, types = 3 }) {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < groups; index += 1)
    writeFileSync(manifestAt(folder, index), manifest(index, { endpoints, types }));
}

export function manifestAt(folder, index) {
  return join(folder, `group-${index}.yaml`);
}

function manifest(index, { endpoints, types }) {
  const list = (length, line) => Array.from({ length }, (_, at) => `    - ${line(at)}\n`).join("");
  const pool = list(endpoints, (at) => `https://pipeline.example.com/${index}-${at}`);
  const split = endpoints > 1 ? `  endpointPool:\n${pool}  rebalance: { mode: always }\n` : "";
  return `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: group-${index}
spec:
  endpointUrl: https://pipeline.example.com/${index}-0
${split}  eventTypes:
${list(endpoints * types, (at) => `routing.queue.conversation.event${at}`)}  offsetTracking:
    stateFile: /var/data/group-${index}.json
`;
}
