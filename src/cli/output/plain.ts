// Text from manifests, servers and files reaches a terminal without control characters and escapes.

// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** One line: a line break from a server could forge a line of ours, or a workflow command of GitHub's. */
export function plain(text: string): string {
  return text.replace(control, "\ufffd");
}

/** Line breaks and tabs stay: for what is made of lines, such as a stack trace. */
export function plainLines(text: string): string {
  return text.replace(control, (found) => (found === "\n" || found === "\t" ? found : "\ufffd"));
}

/** JSON text whose strings say the same without a raw control character. */
export function plainJson(json: string): string {
  return json.replace(control, (found) =>
    found === "\n" ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
