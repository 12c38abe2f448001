import { DECISION_STRIDE } from "../../../src/risk/index.ts";
import { BLOCK, type Flow, GAP_NS } from "./flow.ts";
import type { Decider } from "./our-gate.ts";

const LEVELS = 7;
const LIMITS = 10;

/** The least of a gate: ten comparisons at each of seven levels, and a record. It measures and reserves nothing. */
export class BareSide implements Decider {
  readonly approved = new Uint8Array(BLOCK);
  readonly #limits = new Float64Array(LEVELS * LIMITS).fill(1e12);
  readonly #measured = new Float64Array(LEVELS * LIMITS);
  readonly #records = new Float64Array(1_024 * DECISION_STRIDE);
  #count = 0;
  now = 1e9;

  open(): void {}

  decide(flow: Flow, block: number, first: number, last: number): number {
    const from = block * BLOCK;
    let approvals = 0;
    for (let at = first; at < last; at++) {
      this.now += GAP_NS;
      const lots = flow.lots[from + at] as number;
      const isApproved = this.#check(lots);
      this.#write(flow, from + at, isApproved ? 0 : 1);
      this.approved[at] = isApproved ? 1 : 0;
      approvals += isApproved ? 1 : 0;
    }
    return approvals;
  }

  close(): void {}

  #check(lots: number): boolean {
    const limits = this.#limits;
    const measured = this.#measured;
    for (let i = 0; i < limits.length; i++) {
      if (!((measured[i] as number) + lots <= (limits[i] as number))) return false;
    }
    return true;
  }

  #write(flow: Flow, i: number, code: number): void {
    const cells = this.#records;
    const at = (this.#count++ & 1_023) * DECISION_STRIDE;
    cells[at] = this.#count;
    cells[at + 1] = this.now;
    cells[at + 2] = 0;
    cells[at + 3] = code;
    cells[at + 4] = this.#count;
    cells[at + 5] = flow.seat[i] as number;
    cells[at + 6] = flow.instrument[i] as number;
    cells[at + 7] = flow.side[i] as number;
    cells[at + 8] = flow.lots[i] as number;
    cells[at + 9] = flow.priceTicks[i] as number;
    for (let k = 10; k < DECISION_STRIDE; k++) cells[at + k] = 0;
  }
}
