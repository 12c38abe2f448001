import { Fault } from "../base/index.ts";
import {
  PTP_FIELD_BYTES,
  type PtpFieldKind,
  type PtpFieldValue,
  readPtpField,
  writePtpField,
} from "./clock-ptp-fields.ts";

const QUALITY = { clockClass: "u8", clockAccuracy: "u8", offsetScaledLogVariance: "u16" } as const;

/**
 * The data sets of a PTP clock that management messages can ask for, in the order of their bytes. Names that begin
 * with `reserved` are written as 0 and not read.
 *
 * @source IEEE 1588-2008, 15.5.3; the two of linuxptp, `_NP`, as ptp4l 3.1 and 4 send them
 */
export const PTP_DATA_SETS = {
  DEFAULT_DATA_SET: {
    id: 0x2000,
    fields: {
      flags: "u8",
      reserved1: "u8",
      numberPorts: "u16",
      priority1: "u8",
      ...QUALITY,
      priority2: "u8",
      clockIdentity: "identity",
      domainNumber: "u8",
      reserved2: "u8",
    },
  },
  CURRENT_DATA_SET: {
    id: 0x2001,
    fields: { stepsRemoved: "u16", offsetFromMaster: "interval", meanPathDelay: "interval" },
  },
  PARENT_DATA_SET: {
    id: 0x2002,
    fields: {
      parentPortIdentity: "port",
      parentStats: "u8",
      reserved1: "u8",
      observedParentOffsetScaledLogVariance: "u16",
      observedParentClockPhaseChangeRate: "i32",
      grandmasterPriority1: "u8",
      ...QUALITY,
      grandmasterPriority2: "u8",
      grandmasterIdentity: "identity",
    },
  },
  TIME_PROPERTIES_DATA_SET: {
    id: 0x2003,
    fields: { currentUtcOffset: "i16", timeFlags: "u8", timeSource: "u8" },
  },
  PORT_DATA_SET: {
    id: 0x2004,
    fields: {
      portIdentity: "port",
      portState: "u8",
      logMinDelayReqInterval: "i8",
      peerMeanPathDelay: "interval",
      logAnnounceInterval: "i8",
      announceReceiptTimeout: "u8",
      logSyncInterval: "i8",
      delayMechanism: "u8",
      logMinPdelayReqInterval: "i8",
      versionNumber: "u8",
    },
  },
  TIME_STATUS_NP: {
    id: 0xc000,
    fields: {
      masterOffset: "i64",
      ingressTime: "i64",
      cumulativeScaledRateOffset: "i32",
      scaledLastGmPhaseChange: "i32",
      gmTimeBaseIndicator: "u16",
      lastGmPhaseChange: "scaledNs",
      gmPresent: "i32",
      gmIdentity: "identity",
    },
  },
  GRANDMASTER_SETTINGS_NP: {
    id: 0xc001,
    fields: { ...QUALITY, currentUtcOffset: "i16", timeFlags: "u8", timeSource: "u8" },
  },
} as const satisfies Readonly<Record<string, PtpSetShape>>;

interface PtpSetShape {
  readonly id: number;
  readonly fields: Readonly<Record<string, PtpFieldKind>>;
}

/** The name of a data set, as pmc writes it. */
export type PtpSetName = keyof typeof PTP_DATA_SETS;

type FieldsOf<Name extends PtpSetName> = (typeof PTP_DATA_SETS)[Name]["fields"];

/** A data set as plain fields. Times are ns; see {@link PtpFieldValue} for identities. */
export type PtpDataSet<Name extends PtpSetName> = {
  readonly [Field in keyof FieldsOf<Name> as Field extends `reserved${string}`
    ? never
    : Field]: FieldsOf<Name>[Field] extends PtpFieldKind ? PtpFieldValue<FieldsOf<Name>[Field]> : never;
};

/** The bits of `timeFlags`. @source IEEE 1588-2008, table 40 */
export const PTP_TIME_FLAGS = {
  leap61: 0x01,
  leap59: 0x02,
  currentUtcOffsetValid: 0x04,
  ptpTimescale: 0x08,
  timeTraceable: 0x10,
  frequencyTraceable: 0x20,
} as const;

/** The states of a port, from 1 on. @source IEEE 1588-2008, table 8; the tenth is linuxptp's */
export const PTP_PORT_STATES = [
  "INITIALIZING",
  "FAULTY",
  "DISABLED",
  "LISTENING",
  "PRE_MASTER",
  "MASTER",
  "PASSIVE",
  "UNCALIBRATED",
  "SLAVE",
  "GRAND_MASTER",
] as const;

/** How long a data set is. @units bytes */
export function ptpSetBytes(name: PtpSetName): number {
  let bytes = 0;
  for (const kind of Object.values(PTP_DATA_SETS[name].fields)) bytes += PTP_FIELD_BYTES[kind];
  return bytes;
}

/** Reads a data set from the bytes behind its id. @throws `FAULT_INPUT` unless they are exactly as long as it is */
export function readPtpSet<Name extends PtpSetName>(name: Name, bytes: Uint8Array): PtpDataSet<Name> {
  const length = ptpSetBytes(name);
  if (bytes.length !== length) {
    throw new Fault("FAULT_INPUT", {
      path: `ptp.${name}.length`,
      value: bytes.length,
      expected: `${length} bytes`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Record<string, number | bigint | string> = {};
  let at = 0;
  for (const [field, kind] of Object.entries(PTP_DATA_SETS[name].fields)) {
    if (!field.startsWith("reserved")) found[field] = readPtpField(view, at, kind);
    at += PTP_FIELD_BYTES[kind];
  }
  return found as PtpDataSet<Name>;
}

/** Writes a data set: what a simulated clock answers with. */
export function writePtpSet<Name extends PtpSetName>(name: Name, set: PtpDataSet<Name>): Uint8Array {
  const bytes = new Uint8Array(ptpSetBytes(name));
  const view = new DataView(bytes.buffer);
  const values = set as Readonly<Record<string, number | bigint | string>>;
  let at = 0;
  for (const [field, kind] of Object.entries(PTP_DATA_SETS[name].fields)) {
    const value = values[field];
    if (value !== undefined) writePtpField(view, at, kind, value);
    at += PTP_FIELD_BYTES[kind];
  }
  return bytes;
}
