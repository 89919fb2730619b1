// As much of GitHub's expression language as the workflows use: names, texts, ! == != && ||, and how a job is doing.

export interface Scope {
  /** `github`, `secrets`, `steps`, `needs`, `inputs`. */
  readonly contexts: Readonly<Record<string, unknown>>;
  /** Of the steps, or the jobs, before. */
  readonly hasFailed: boolean;
}

/** A text with every `${{ … }}` in it replaced; one that is nothing else keeps its type. */
export function interpolate(text: string, scope: Scope): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => textOf(evaluate(inner, scope)));
}

/** Of `if:`, with or without `${{ }}`; without a word on how the job is doing, it must be doing well. */
export function holds(condition: string | undefined, scope: Scope): boolean {
  const bare = (condition ?? "success()").trim().replace(/^\$\{\{(.*)\}\}$/s, "$1");
  const saysHow = /\b(?:always|cancelled|failure|success)\(\)/.test(bare);
  return Boolean(evaluate(saysHow ? bare : `success() && (${bare})`, scope));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function evaluate(source: string, scope: Scope): unknown {
  const tokens = source.match(/'(?:[^']|'')*'|&&|\|\||==|!=|[!()]|[\w.[\]-]+/g) ?? [];
  if (tokens.join("").length !== source.replace(/\s(?=(?:[^']*'[^']*')*[^']*$)/g, "").length)
    throw new Error(`not understood: ${source}`);
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && (at += 1) > 0;
  const or = (): unknown => {
    let left = and();
    while (take("||")) {
      const right = and();
      left = isTrue(left) ? left : right;
    }
    return left;
  };
  const and = (): unknown => {
    let left = equal();
    while (take("&&")) {
      const right = equal();
      left = isTrue(left) ? right : left;
    }
    return left;
  };
  const equal = (): unknown => {
    const left = unary();
    if (take("==")) return textOf(left) === textOf(unary());
    if (take("!=")) return textOf(left) !== textOf(unary());
    return left;
  };
  const unary = (): unknown => (take("!") ? !isTrue(unary()) : primary());
  const primary = (): unknown => {
    if (take("(")) {
      const inner = or();
      if (!take(")")) throw new Error(`no ) in ${source}`);
      return inner;
    }
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw new Error(`too short: ${source}`);
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (take("(")) {
      if (!take(")")) throw new Error(`no ) in ${source}`);
      return call(token, scope);
    }
    return lookUp(token, scope);
  };
  const value = or();
  if (at !== tokens.length) throw new Error(`too long: ${source}`);
  return value;
}

function isTrue(value: unknown): boolean {
  return Boolean(value);
}

function call(name: string, { hasFailed }: Scope): boolean {
  const answers: Readonly<Record<string, boolean>> = {
    always: true,
    cancelled: false,
    failure: hasFailed,
    success: !hasFailed,
  };
  const answer = answers[name];
  if (answer === undefined) throw new Error(`unknown function ${name}`);
  return answer;
}

function lookUp(path: string, { contexts }: Scope): unknown {
  const [first = "", ...rest] = path.split(".");
  if (!(first in contexts)) throw new Error(`unknown context in ${path}`);
  return rest.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    contexts[first],
  );
}
