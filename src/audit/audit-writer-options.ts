/** One of the seats that orders come from: who decides, and for which account. */
export interface AuditSeat {
  readonly strategy: string;
  readonly account: string;
}

/** One of the instruments that orders are for. */
export interface AuditInstrument {
  readonly symbol: string;
  readonly venue: string;
}

/** Options of an `AuditWriter`. */
export interface AuditWriterOptions {
  readonly node: string;
  readonly epoch: number;
  /** @shape 64 hex digits */
  readonly cfgHash: string;
  readonly buildHash: string;
  /** The session's base, to which every `ns` is added. @units epoch ns */
  readonly baseNs: bigint;
  /** By seat number. */
  readonly seats: readonly AuditSeat[];
  /** By instrument number. */
  readonly instruments: readonly AuditInstrument[];
  /** Names of the gate's refusal codes, by number; none unless said. */
  readonly rules?: Readonly<Record<string, number>>;
}

/** Which seat and instrument an order is of, and its parent's id, 0 for none. */
export interface AuditPlace {
  readonly seat: number;
  readonly instrument: number;
  readonly parentId: number;
}

/** A request about an order that is open. */
export interface AuditRequest extends AuditPlace {
  readonly id: number;
  readonly requestId: number;
}
