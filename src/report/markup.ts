/** What a template of {@link html} takes: text is escaped, {@link Markup} is kept, nothing is left out. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

/**
 * Text that is already HTML. Only {@link html} and {@link trusted} make it, so text from outside cannot
 * become markup by accident.
 */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * Builds HTML from a template: every value that is not {@link Markup} is escaped.
 *
 * @invariant No string put into a template can open a tag, close an attribute or end a script.
 * @cost One pass over the text.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] as string;
  values.forEach((value, i) => {
    text += print(value) + (parts[i + 1] as string);
  });
  return new Markup(text);
}

/** Takes text as HTML without escaping: for our own assets and for JSON made by {@link scriptJson}. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function print(value: Content): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(print).join("");
  return escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/**
 * Escapes text for HTML, in content and in quoted attributes.
 *
 * Characters that a reader cannot see but a browser obeys (controls, lone surrogates, marks that turn the
 * direction of writing) become U+FFFD, so that a name cannot print as another name.
 */
export function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] as string);
}

/** Replaces what prints as nothing or turns the line around by U+FFFD; keeps tab and line feed. */
export function visibleText(text: string): string {
  const hidden = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
  return text.toWellFormed().replace(hidden, "\ufffd");
}

/**
 * Writes a value as JSON that is safe inside a script element: no `<`, no `>`, no U+2028 and U+2029.
 *
 * @invariant `JSON.parse(scriptJson(value))` equals `JSON.parse(JSON.stringify(value))`.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
