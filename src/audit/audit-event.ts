import type { AuditFieldKind, AuditValue } from "./audit-kind.ts";

/** The fields of one type of event: a name and a kind each, in the order of their bytes. */
export type AuditFields = Readonly<Record<string, AuditFieldKind>>;

/** One type of event. */
export interface AuditEventType {
  /** The number it has in a record, for ever. */
  readonly code: number;
  readonly fields: AuditFields;
}

/** What every order says of itself. */
const ORDER_TERMS = {
  clientOrderId: "text?",
  instrument: "text",
  side: "side",
  orderType: "orderType",
  timeInForce: "timeInForce",
  flags: "u32",
  priceTicks: "int?",
  stopTicks: "int?",
  lots: "count",
  displayLots: "count?",
  expireNs: "time?",
} as const;

/** What a fill, or a fill as corrected, says. */
const EXECUTION = {
  instrument: "text",
  side: "side",
  execId: "text",
  lots: "count",
  priceTicks: "int",
  venueNs: "time?",
} as const;

const HOLD = {
  holdId: "text",
  action: "holdAction",
  subject: "text",
  approver: "text",
  reason: "text",
} as const;

/**
 * Every type of event an audit trail records, with its code, and its fields with their kinds, of which a question
 * mark says that the field may be absent. Order, parent, strategy and venue stand in the record's header, and so do
 * the moment and who did it.
 *
 * `…Ticks` are ticks and `…Lots` lots of `instrument`, `…Ns` epoch ns, or ns where the name says how long.
 *
 * @invariant Codes are never used again; fields are never reordered, removed or given another kind: what changes is a
 * new type.
 * @source 17 CFR 240.17a-3, 240.17a-4; Delegated Regulation (EU) 2017/589, Annex II; 2017/580, Annex
 * @example
 * ```ts
 * import { AUDIT_EVENTS } from "tickwright/audit";
 * AUDIT_EVENTS.configChange.fields.approver; // => 'text'
 * ```
 */
export const AUDIT_EVENTS = {
  orderNew: { code: 0x0101, fields: ORDER_TERMS },
  orderModify: {
    code: 0x0102,
    fields: { requestId: "count", priceTicks: "int?", stopTicks: "int?", lots: "count?", reason: "text?" },
  },
  orderCancel: { code: 0x0103, fields: { requestId: "count", reason: "text?" } },
  venueResponse: {
    code: 0x0104,
    fields: {
      response: "response",
      venueOrderId: "text?",
      requestId: "count?",
      reason: "text?",
      reasonCode: "u32?",
      priceTicks: "int?",
      lots: "count?",
      cumLots: "count?",
      leavesLots: "count?",
      venueNs: "time?",
    },
  },
  fill: {
    code: 0x0201,
    fields: {
      ...EXECUTION,
      liquidity: "liquidity",
      leavesLots: "count?",
      fee: "decimal?",
      feeCurrency: "text?",
    },
  },
  fillBust: {
    code: 0x0202,
    fields: { execId: "text", refExecId: "text", reason: "text?", venueNs: "time?" },
  },
  fillCorrection: { code: 0x0203, fields: { ...EXECUTION, refExecId: "text", reason: "text?" } },
  riskDecision: {
    code: 0x0301,
    fields: {
      decision: "count",
      kind: "decisionKind",
      verdict: "verdict",
      code: "u32",
      rule: "text?",
      account: "text?",
      instrument: "text?",
      side: "sideOrNone",
      lots: "real",
      priceTicks: "real",
      node: "int",
      limit: "int",
      measured: "real",
      bound: "real",
      limitsVersion: "count",
      latch: "u32",
    },
  },
  limitChange: {
    code: 0x0302,
    fields: {
      scope: "text",
      limit: "text",
      before: "text",
      after: "text",
      version: "count",
      author: "text",
      approver: "text?",
      reason: "text",
    },
  },
  limitOverride: {
    code: 0x0303,
    fields: {
      scope: "text",
      limit: "text",
      untilNs: "time",
      author: "text",
      approver: "text",
      reason: "text",
    },
  },
  configChange: {
    code: 0x0401,
    fields: {
      path: "text",
      beforeHash: "hash",
      afterHash: "hash",
      author: "text",
      approver: "text",
      reason: "text",
      before: "text?",
      after: "text?",
    },
  },
  strategyStart: { code: 0x0501, fields: { version: "text", parametersHash: "hash", reason: "text?" } },
  strategyStop: { code: 0x0502, fields: { reason: "text", openOrders: "count", isFault: "flag" } },
  strategyPause: { code: 0x0503, fields: { reason: "text", openOrders: "count" } },
  strategyResume: { code: 0x0504, fields: { reason: "text" } },
  userAction: {
    code: 0x0601,
    fields: {
      action: "userAction",
      outcome: "outcome",
      command: "text?",
      target: "text?",
      channel: "text?",
      session: "text?",
      address: "text?",
      reason: "text?",
    },
  },
  systemEvent: { code: 0x0701, fields: { component: "text", event: "text", detail: "text?" } },
  error: {
    code: 0x0702,
    fields: {
      component: "text",
      severity: "severity",
      code: "text",
      message: "text",
      stackHash: "hash?",
      stack: "text?",
    },
  },
  killActivated: {
    code: 0x0801,
    fields: {
      scope: "text",
      level: "u32",
      channel: "text",
      reason: "text",
      latchEpoch: "count",
      isDrill: "flag",
    },
  },
  killStep: {
    code: 0x0802,
    fields: {
      run: "count",
      step: "text",
      scope: "text",
      latchEpoch: "count",
      isDrill: "flag",
      detail: "text?",
    },
  },
  killReenabled: {
    code: 0x0803,
    fields: {
      scope: "text",
      requester: "text",
      approver: "text",
      reason: "text",
      latchEpoch: "count",
      isDrill: "flag",
    },
  },
  marketDataQuality: {
    code: 0x0901,
    fields: {
      feed: "text",
      instrument: "text?",
      problem: "text",
      state: "quality",
      expectedSequence: "count?",
      foundSequence: "count?",
      ageNs: "count?",
      detail: "text?",
    },
  },
  marketDataFailover: {
    code: 0x0902,
    fields: { fromFeed: "text", toFeed: "text", reason: "text", lostMessages: "count?" },
  },
  clockStatus: {
    code: 0x0a01,
    fields: {
      state: "clockState",
      source: "text",
      offsetNs: "int",
      uncertaintyNs: "count",
      stratum: "u32?",
      reference: "text?",
    },
  },
  snapshot: { code: 0x0b01, fields: { sequence: "count", stateHash: "hash", byteLength: "count" } },
  recovery: {
    code: 0x0b02,
    fields: {
      fromSequence: "count",
      toSequence: "count",
      stateHash: "hash",
      unknownOrders: "count",
      detail: "text?",
    },
  },
  reconciliationBreak: {
    code: 0x0c01,
    fields: {
      breakId: "text",
      subject: "text",
      field: "text",
      local: "text",
      remote: "text",
      severity: "severity",
      amount: "decimal?",
      currency: "text?",
    },
  },
  reconciliationAction: {
    code: 0x0c02,
    fields: { breakId: "text", action: "text", reason: "text", approver: "text?" },
  },
  surveillanceAlert: {
    code: 0x0d01,
    fields: {
      alertId: "text",
      detector: "text",
      severity: "severity",
      instrument: "text?",
      fromSeq: "count?",
      toSeq: "count?",
      score: "real?",
      detail: "text?",
    },
  },
  surveillanceCase: {
    code: 0x0d02,
    fields: { caseId: "text", action: "caseAction", alertId: "text?", assignee: "text?", comment: "text?" },
  },
  deployment: {
    code: 0x0e01,
    fields: {
      version: "text",
      environment: "text",
      artifactHash: "hash",
      approver: "text",
      previousVersion: "text?",
    },
  },
  buildAttestation: {
    code: 0x0e02,
    fields: {
      artifactHash: "hash",
      sourceRevision: "text",
      builder: "text",
      lockHash: "hash?",
      attestation: "bytes?",
    },
  },
  keyRotation: {
    code: 0x0f01,
    fields: { retiringKey: "text", succeedingKey: "text", statement: "bytes", reason: "text?" },
  },
  checkpoint: {
    code: 0x1001,
    fields: { origin: "text", treeSize: "count", rootHash: "hash", checkpointHash: "hash", witness: "text?" },
  },
  anchorReceipt: {
    code: 0x1002,
    fields: { treeSize: "count", checkpointHash: "hash", anchor: "text", receipt: "bytes" },
  },
  anchorFailed: {
    code: 0x1003,
    fields: { treeSize: "count", checkpointHash: "hash", anchor: "text", message: "text" },
  },
  retentionTombstone: {
    code: 0x1101,
    fields: {
      retentionClass: "text",
      firstSeq: "count",
      lastSeq: "count",
      fromNs: "time",
      toNs: "time",
      segment: "count?",
      contentHash: "hash",
      approver: "text",
    },
  },
  // Older trails have it; it does not say which moments it covers.
  legalHold: { code: 0x1102, fields: HOLD },
  subjectErased: {
    code: 0x1103,
    fields: { subject: "text", keyId: "text", approver: "text", reason: "text" },
  },
  // A hold with the moments it covers; all before, or all behind, where one is absent.
  legalHoldRange: { code: 0x1104, fields: { ...HOLD, fromNs: "time?", toNs: "time?" } },
} as const satisfies Readonly<Record<string, AuditEventType>>;

/** The name of a type of event. */
export type AuditEventName = keyof typeof AUDIT_EVENTS;

type Table = typeof AUDIT_EVENTS;
type FieldsOf<Name extends AuditEventName> = Table[Name]["fields"];
type Present<Fields> = {
  [Key in keyof Fields as Fields[Key] extends `${string}?` ? never : Key]: Fields[Key];
};
type Absent<Fields> = {
  [Key in keyof Fields as Fields[Key] extends `${string}?` ? Key : never]: Fields[Key];
};

/** What an event of a type says: a value for each of its fields. */
export type AuditPayload<Name extends AuditEventName> = {
  readonly [Key in keyof Present<FieldsOf<Name>>]: AuditValue<Present<FieldsOf<Name>>[Key]>;
} & {
  readonly [Key in keyof Absent<FieldsOf<Name>>]?: AuditValue<Absent<FieldsOf<Name>>[Key]> | undefined;
};

const BY_CODE: ReadonlyMap<number, AuditEventName> = new Map(
  (Object.keys(AUDIT_EVENTS) as AuditEventName[]).map((name) => [AUDIT_EVENTS[name].code, name]),
);

/**
 * The name of a code of {@link AUDIT_EVENTS}; `undefined` where there is none.
 *
 * @example
 * ```ts
 * import { auditEventOf } from "tickwright/audit";
 * auditEventOf(0x0201); // => 'fill'
 * ```
 */
export function auditEventOf(code: number): AuditEventName | undefined {
  return BY_CODE.get(code);
}

/** Every name with its fields as a list. */
const FIELDS: ReadonlyMap<AuditEventName, readonly (readonly [string, AuditFieldKind])[]> = new Map(
  (Object.keys(AUDIT_EVENTS) as AuditEventName[]).map((name) => [
    name,
    Object.entries(AUDIT_EVENTS[name].fields),
  ]),
);

/** The fields of a type of event in the order of their bytes. */
export function auditFieldsOf(name: AuditEventName): readonly (readonly [string, AuditFieldKind])[] {
  return FIELDS.get(name) ?? [];
}
