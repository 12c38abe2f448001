import { Fault, formatScaled } from "../base/index.ts";
import type { AuditBuffer } from "./audit-buffer.ts";
import type { AuditReader } from "./audit-reader.ts";
import { CLOCK_STATUSES } from "./checkpoint.ts";

/**
 * Words that are written as their place in the list, one byte.
 *
 * @invariant Words are only ever added, at the end.
 */
export const AUDIT_WORDS = {
  side: ["buy", "sell"],
  sideOrNone: ["none", "buy", "sell"],
  orderType: ["limit", "market", "stop", "stopLimit"],
  timeInForce: ["GTC", "IOC", "FOK", "DAY", "GTD", "atOpen", "atClose"],
  response: [
    "accepted",
    "rejected",
    "canceled",
    "expired",
    "replaced",
    "cancelRejected",
    "replaceRejected",
    "pendingNew",
    "pendingCancel",
    "pendingReplace",
    "restated",
    "doneForDay",
    "suspended",
    "triggered",
    "stopped",
    "calculated",
    "status",
    "timeout",
    "disconnected",
    "busted",
    "corrected",
    "foreign",
  ],
  liquidity: ["maker", "taker", "auction", "unknown"],
  decisionKind: ["order", "replace", "warning", "cancel", "reserve"],
  verdict: ["approved", "refused", "warned"],
  userAction: ["login", "logout", "loginFailed", "roleChange", "command", "approval", "read", "export"],
  outcome: ["done", "refused", "failed", "pending"],
  severity: ["info", "warning", "error", "critical"],
  quality: ["good", "suspect", "stale", "crossed", "gap", "down", "recovered"],
  clockState: CLOCK_STATUSES,
  caseAction: ["opened", "assigned", "commented", "escalated", "closed", "reopened", "reported"],
  holdAction: ["placed", "released"],
} as const;

/** The name of a list of {@link AUDIT_WORDS}. */
export type AuditWordKind = keyof typeof AUDIT_WORDS;

interface Scalars {
  u32: number;
  count: number;
  int: number;
  time: bigint;
  decimal: string;
  real: number;
  text: string;
  bytes: Uint8Array;
  hash: string;
  flag: boolean;
}

/**
 * The kind of a field's value.
 *
 * | Kind | Value | Bytes |
 * |---|---|---|
 * | `u32` | an integer of 32 bits | 4 |
 * | `count` | an integer within 0 and 2^53 - 1 | 8 |
 * | `int` | an integer within ± (2^53 - 1) | 8, two's complement |
 * | `time` | epoch ns, a bigint | 8, two's complement |
 * | `decimal` | a plain decimal such as `"-1.50"` | mantissa 8, exponent of ten 1, within -18 and 0 |
 * | `real` | any number, exactly | mantissa 8, exponent of two 2 |
 * | `text` | a text in NFC of at most 65,535 bytes | length 2, UTF-8 |
 * | `bytes` | at most 65,535 bytes | length 2, the bytes |
 * | `hash` | 64 lower-case hex digits | 32 |
 * | `flag` | true or false | 1 |
 * | a list of `AUDIT_WORDS` | one of its words | 1 |
 */
export type AuditKind = keyof Scalars | AuditWordKind;

/** A kind, with a question mark where the field may be absent. */
export type AuditFieldKind = AuditKind | `${AuditKind}?`;

type Bare<Kind> = Kind extends `${infer Name}?` ? Name : Kind;
type ValueOf<Name> = Name extends keyof Scalars
  ? Scalars[Name]
  : Name extends AuditWordKind
    ? (typeof AUDIT_WORDS)[Name][number]
    : never;

/** The value a field of a kind has. */
export type AuditValue<Kind> = ValueOf<Bare<Kind>>;

/** How one kind is written, read, and shown in JSON. */
interface Codec {
  /** Writes a value. @throws `FAULT_INPUT` for one that is of another kind. */
  write(into: AuditBuffer, value: unknown, path: string): void;
  read(from: AuditReader, field: string): unknown;
  /** The value as JSON shows it, where that is not the value itself. */
  toJson?(value: unknown): unknown;
  /** The counterpart of `toJson`; `undefined` for what it cannot have written. */
  fromJson?(value: unknown): unknown;
}

const HASH = /^[0-9a-f]{64}$/;
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d{1,18}))?$/;
const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const I64_MAX = 9_223_372_036_854_775_807n;

const integer = (least: number, most: number, put: (into: AuditBuffer, value: number) => void) =>
  function write(into: AuditBuffer, value: unknown, path: string): void {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
      throw wrong(path, value, `an integer within ${least} and ${most}`);
    }
    put(into, value);
  };

const SCALARS: Readonly<Record<keyof Scalars, Codec>> = {
  u32: { write: integer(0, 0xffff_ffff, (into, value) => into.u32(value)), read: (from) => from.u32() },
  count: {
    write: integer(0, Number.MAX_SAFE_INTEGER, (into, value) => into.count(value)),
    read: (from, field) => from.count(field),
  },
  int: {
    write: integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, (into, value) => into.int(value)),
    read: (from, field) => from.int(field),
  },
  time: {
    write(into, value, path) {
      if (typeof value !== "bigint" || value > I64_MAX || value < -I64_MAX - 1n) {
        throw wrong(path, value, "a bigint of 64 bits");
      }
      into.i64(value);
    },
    read: (from) => from.i64(),
    toJson: String,
    fromJson: (value) => (typeof value === "string" && INTEGER.test(value) ? BigInt(value) : undefined),
  },
  decimal: {
    write(into, value, path) {
      const parts = typeof value === "string" ? DECIMAL.exec(value) : null;
      const digits = parts === null ? 0n : BigInt(`${parts[1]}${parts[2]}${parts[3] ?? ""}`);
      const isMinusZero = parts?.[1] === "-" && digits === 0n;
      if (parts === null || isMinusZero || digits > I64_MAX || digits < -I64_MAX) {
        throw wrong(path, value, 'a plain decimal of at most 18 digits after the point, such as "-1.50"');
      }
      into.i64(digits);
      into.i8(-(parts[3] ?? "").length);
    },
    read(from, field) {
      const digits = from.i64();
      const exponent = from.i8();
      if (exponent > 0 || exponent < -18 || digits < -I64_MAX) {
        from.refuse(field, `${digits}e${exponent}`, "a mantissa of 64 bits and an exponent within -18 and 0");
        return "0";
      }
      return formatScaled(digits, -exponent);
    },
  },
  real: {
    write(into, value, path) {
      if (typeof value !== "number") throw wrong(path, value, "a number");
      into.real(value);
    },
    read: (from, field) => from.real(field),
    toJson: realText,
    fromJson(value) {
      const number = typeof value === "string" && value !== "" ? Number(value) : undefined;
      return number !== undefined && realText(number) === value ? number : undefined;
    },
  },
  text: {
    write: (into, value, path) => into.text(value, path, 2),
    read: (from, field) => from.text(field, 2),
  },
  bytes: {
    write(into, value, path) {
      if (!(value instanceof Uint8Array) || value.length > 65_535) {
        throw wrong(
          path,
          value instanceof Uint8Array ? `${value.length} bytes` : value,
          "at most 65,535 bytes",
        );
      }
      into.u16(value.length);
      into.raw(value);
    },
    read: (from) => from.raw(from.u16()),
    toJson: (value) => hexOf(value as Uint8Array),
    fromJson: (value) =>
      typeof value === "string" && /^(?:[0-9a-f]{2})*$/.test(value)
        ? new Uint8Array(Buffer.from(value, "hex"))
        : undefined,
  },
  hash: {
    write(into, value, path) {
      if (typeof value !== "string" || !HASH.test(value))
        throw wrong(path, value, "64 lower-case hex digits");
      into.raw(Buffer.from(value, "hex"));
    },
    read: (from) => hexOf(from.raw(32)),
  },
  flag: {
    write(into, value, path) {
      if (typeof value !== "boolean") throw wrong(path, value, "true or false");
      into.u8(value ? 1 : 0);
    },
    read(from, field) {
      const byte = from.u8();
      if (byte > 1) from.refuse(field, byte, "0 or 1");
      return byte === 1;
    },
  },
};

/** The codec of every kind. */
const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ...Object.entries(SCALARS),
  ...Object.entries(AUDIT_WORDS).map(([kind, words]): [string, Codec] => [kind, wordCodec(words)]),
]);

/** A field as the room works with it: its codec, and whether it may be absent. */
export interface AuditFieldCodec extends Codec {
  readonly isOptional: boolean;
}

/** The codec of a field's kind. */
export function auditCodec(kind: AuditFieldKind): AuditFieldCodec {
  const isOptional = kind.endsWith("?");
  const codec = CODECS.get(isOptional ? kind.slice(0, -1) : kind);
  if (codec === undefined) throw new Fault("FAULT_INVARIANT", { path: "kind", value: kind });
  return { ...codec, isOptional };
}

function wordCodec(words: readonly string[]): Codec {
  return {
    write(into, value, path) {
      const place = typeof value === "string" ? words.indexOf(value) : -1;
      if (place < 0) throw wrong(path, value, `one of ${words.join(", ")}`);
      into.u8(place);
    },
    read(from, field) {
      const place = from.u8();
      if (place >= words.length) from.refuse(field, place, `below ${words.length}`);
      return words[place] ?? "";
    },
  };
}

/** A number so that `Number` gives it back, minus zero too. */
function realText(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}
