// The schema of manifests as `init` writes it beside the config: editors complete event types from it, and refuse no other.
import manifestSchema from "../../schemas/webhook-subscription.v1.json" with { type: "json" };

/** `eventTypes`: what editors offer. */
export function makeManifestSchema(eventTypes: readonly string[]): string {
  const { spec } = manifestSchema.properties;
  const { items } = spec.properties.eventTypes;
  // Editors offer what `enum` lists. The empty schema beside it admits the rest, because an organisation may have more
  // topics. The pattern stays outside, or an editor's message about a malformed event type would list every topic.
  const anyOf = [{ enum: [...new Set(eventTypes)] }, {}];
  const list = { ...spec.properties.eventTypes, items: { ...items, anyOf } };
  const properties = {
    ...manifestSchema.properties,
    spec: { ...spec, properties: { ...spec.properties, eventTypes: list } },
  };
  return showSchema({ ...manifestSchema, properties });
}

/** Whether the text is a schema of manifests, of this version of reconcile or of another one. */
export function isManifestSchema(text: string): boolean {
  try {
    const schema: unknown = JSON.parse(text);
    return (
      typeof schema === "object" && schema !== null && "$id" in schema && schema.$id === manifestSchema.$id
    );
  } catch {
    return false;
  }
}

export function showSchema(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
