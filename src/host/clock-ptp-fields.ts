/** What a field of a data set is on the wire, all big endian; `interval` is ns with 16 bits behind the point. */
export type PtpFieldKind =
  | "u8"
  | "u16"
  | "u32"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "interval"
  | "identity"
  | "port"
  | "scaledNs";

/**
 * What a field is in TypeScript: `identity` 16 hex digits, `port` the same with `-` and a number, `scaledNs` 24 hex
 * digits.
 */
export type PtpFieldValue<Kind extends PtpFieldKind> = Kind extends "i64"
  ? bigint
  : Kind extends "identity" | "port" | "scaledNs"
    ? string
    : number;

/** How long a field is. @units bytes */
export const PTP_FIELD_BYTES: Readonly<Record<PtpFieldKind, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  interval: 8,
  identity: 8,
  port: 10,
  scaledNs: 12,
};

const INTERVAL_UNITS = 65_536;

/** Reads one field; the caller has looked at the length. */
export function readPtpField(view: DataView, at: number, kind: PtpFieldKind): number | bigint | string {
  switch (kind) {
    case "u8":
      return view.getUint8(at);
    case "u16":
      return view.getUint16(at);
    case "u32":
      return view.getUint32(at);
    case "i8":
      return view.getInt8(at);
    case "i16":
      return view.getInt16(at);
    case "i32":
      return view.getInt32(at);
    case "i64":
      return view.getBigInt64(at);
    case "interval":
      return Number(view.getBigInt64(at)) / INTERVAL_UNITS;
    case "identity":
      return hex(view, at, 8);
    case "port":
      return `${hex(view, at, 8)}-${view.getUint16(at + 8)}`;
    case "scaledNs":
      return hex(view, at, 12);
  }
}

/** Writes one field. */
export function writePtpField(
  view: DataView,
  at: number,
  kind: PtpFieldKind,
  value: number | bigint | string,
): void {
  switch (kind) {
    case "u8":
      return view.setUint8(at, Number(value));
    case "u16":
      return view.setUint16(at, Number(value));
    case "u32":
      return view.setUint32(at, Number(value));
    case "i8":
      return view.setInt8(at, Number(value));
    case "i16":
      return view.setInt16(at, Number(value));
    case "i32":
      return view.setInt32(at, Number(value));
    case "i64":
      return view.setBigInt64(at, BigInt(value));
    case "interval":
      return view.setBigInt64(at, BigInt(Math.round(Number(value) * INTERVAL_UNITS)));
    case "identity":
    case "scaledNs":
      return writeHex(view, at, String(value));
    case "port": {
      const [clock = "", port = "0"] = String(value).split("-");
      writeHex(view, at, clock);
      return view.setUint16(at + 8, Number(port));
    }
  }
}

function hex(view: DataView, at: number, count: number): string {
  let text = "";
  for (let next = at; next < at + count; next += 1) text += view.getUint8(next).toString(16).padStart(2, "0");
  return text;
}

function writeHex(view: DataView, at: number, text: string): void {
  for (let next = 0; next < text.length; next += 2) {
    view.setUint8(at + next / 2, Number.parseInt(text.slice(next, next + 2), 16));
  }
}
