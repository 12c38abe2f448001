import type { RawData } from "ws";

/** What a request may be called, so that its answer says which it is: a whole number, a short text, or nothing. */
export type MessageId = number | string | null;

/** A message of a client, as far as every message is alike. */
export interface ClientMessage {
  /** Null too where the message has none that can be sent back. */
  readonly id: MessageId;
  readonly isIdValid: boolean;
  readonly method: unknown;
  readonly params: unknown;
}

const ID_LENGTH_MAX = 36;

/** A message of a client; undefined where it is no JSON object. */
export function readMessage(text: string): ClientMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { id, method, params } = value as Readonly<Record<string, unknown>>;
  const isIdValid = id === undefined || isId(id);
  return { id: isIdValid ? (id ?? null) : null, isIdValid, method, params };
}

function isId(id: unknown): id is MessageId {
  if (typeof id === "string") return id.length <= ID_LENGTH_MAX;
  return id === null || Number.isSafeInteger(id);
}

/** What a client sent, as text. */
export function frameText(data: RawData): string {
  const bytes = Array.isArray(data)
    ? Buffer.concat(data)
    : data instanceof ArrayBuffer
      ? Buffer.from(data)
      : data;
  return bytes.toString("utf8");
}
