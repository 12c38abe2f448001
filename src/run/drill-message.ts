/** A report of a drill's venue on its way to the session: numbers, so that it can cross a pipe as JSON. */
export interface DrillWord {
  readonly kind: number;
  readonly instrument: number;
  readonly id: number;
  readonly requestId: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly execId: number;
  readonly reason: number;
  readonly leavesLots: number;
}

/** What leaves a drill's session, as numbers. */
export interface DrillRequest {
  readonly what: "order" | "replace" | "cancel";
  readonly instrument: number;
  readonly id: number;
  readonly requestId: number;
  readonly sideSign: number;
  readonly priceTicks: number;
  readonly lots: number;
}

/** What a process of a drill says about its recovery. */
export interface DrillHello {
  readonly isNew: boolean;
  /** The last record found. */
  readonly lastSeq: number;
  readonly snapshotSeq: number;
  /** Snapshots that could not be used. */
  readonly unusable: number;
  /** Records read behind the snapshot. */
  readonly records: number;
  /** Decided and never sent. */
  readonly unsent: number;
  /** Whole records of a batch that was cut off. */
  readonly tornRecords: number;
  /** Whether a replayed effect came out differently. */
  readonly isDifferent: boolean;
  readonly openMs: number;
  readonly loadMs: number;
  readonly replayMs: number;
}

/** An order of the session that the venue is asked about after a recovery. */
export interface DrillQuestion {
  readonly instrument: number;
  readonly id: number;
  readonly lots: number;
}

/** A session's end: positions by instrument, and the hash of all decisions. */
export interface DrillBye {
  readonly positions: readonly number[];
  readonly runHash: string;
}

/** A line from the session's process. */
export interface DrillLine {
  readonly hello?: DrillHello;
  readonly send?: DrillRequest;
  readonly ask?: DrillQuestion;
  /** All questions were asked. */
  readonly asked?: 1;
  /** The last record appended, durable or not, and when. @units epoch ms, with fractions */
  readonly at?: readonly [seq: number, epochMs: number];
  /** Executions that the session has durably: the venue may forget them. */
  readonly got?: readonly number[];
  readonly bye?: DrillBye;
}

/** A line to the session's process. */
export interface DrillOrder {
  readonly word?: DrillWord;
  /** All questions were answered. */
  readonly told?: 1;
  /** Trade no more, ask about every order once more, and end the session. */
  readonly stop?: 1;
}
