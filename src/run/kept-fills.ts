import { pow10 } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { FillReason, FillView } from "../strategy/index.ts";
import type { ResultFill } from "./result.ts";

const MOST = 20_000;
const FIELDS = 8;

/**
 * The first fills of a run, as numbers until the result asks for them.
 *
 * @invariant At most 20,000 are kept.
 */
export class KeptFills {
  #cells: Float64Array = new Float64Array(256 * FIELDS);
  readonly #reasons: FillReason[] = [];
  count = 0;

  put(instrument: number, sign: number, fill: FillView, orderId: number, feeQuoteMinor: bigint): void {
    if (this.count === MOST) return;
    let cells = this.#cells;
    const at = this.count * FIELDS;
    if (at === cells.length) {
      cells = new Float64Array(cells.length * 2);
      cells.set(this.#cells);
      this.#cells = cells;
    }
    cells[at] = fill.ns;
    cells[at + 1] = instrument;
    cells[at + 2] = orderId;
    cells[at + 3] = sign;
    cells[at + 4] = fill.priceTicks;
    cells[at + 5] = fill.lots;
    cells[at + 6] = fill.maker ? 1 : 0;
    cells[at + 7] = Number(feeQuoteMinor);
    this.#reasons.push(fill.reason);
    this.count += 1;
  }

  rows(instruments: readonly Instrument[], baseNs: bigint): readonly ResultFill[] {
    return this.#reasons.map((reason, i) => {
      const cell = (field: number): number => this.#cells[i * FIELDS + field] as number;
      const instrument = instruments[cell(1)] as Instrument;
      return {
        ns: (baseNs + BigInt(cell(0))).toString(),
        instrument: instrument.key,
        orderId: cell(2),
        side: cell(3) > 0 ? "buy" : "sell",
        price: Number(instrument.formatPrice(cell(4))),
        quantity: Number(instrument.formatQuantity(cell(5))),
        maker: cell(6) === 1,
        reason,
        fee: cell(7) / Number(pow10(instrument.quote.decimals)),
      };
    });
  }
}
