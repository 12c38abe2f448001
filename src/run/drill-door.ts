import { MESSAGE_FIELD as FIELD } from "../model/index.ts";
import { type ApprovalTaker, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import type { DrillRequest, DrillWord } from "./drill-message.ts";

/** A door that turns what leaves into plain requests. */
export class DrillDoor implements VenueDoor<ApprovedOrder> {
  readonly #instrument: number;
  readonly #leave: (request: DrillRequest) => void;
  readonly #terms = outboundOrder();
  #gate: ApprovalTaker<ApprovedOrder> | undefined = undefined;

  constructor(instrument: number, leave: (request: DrillRequest) => void) {
    this.#instrument = instrument;
    this.#leave = leave;
  }

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }

  send(approved: ApprovedOrder): void {
    this.#gate?.take(approved, this.#terms);
    const { id, requestId, sideSign, priceTicks, lots } = this.#terms;
    const what = requestId === 0 ? "order" : "replace";
    this.#leave({ what, instrument: this.#instrument, id, requestId, sideSign, priceTicks, lots });
  }

  cancel(_row: number, id: number, requestId: number): void {
    const rest = { sideSign: 0, priceTicks: 0, lots: 0 };
    this.#leave({ what: "cancel", instrument: this.#instrument, id, requestId, ...rest });
  }
}

/** Writes a venue's word as a report about the order in a row. */
export function writeWord(word: DrillWord, row: number, nowNs: number, cells: Float64Array): void {
  cells.fill(0);
  cells[FIELD.timeNs] = nowNs;
  cells[FIELD.exchNs] = nowNs;
  cells[FIELD.kind] = word.kind;
  cells[FIELD.row] = row;
  cells[FIELD.id] = word.id;
  cells[FIELD.requestId] = word.requestId;
  cells[FIELD.priceTicks] = word.priceTicks;
  cells[FIELD.lots] = word.lots;
  cells[FIELD.execId] = word.execId;
  cells[FIELD.reason] = word.reason;
  cells[FIELD.leavesLots] = word.leavesLots;
}
