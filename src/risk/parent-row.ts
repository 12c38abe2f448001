import { isTicks } from "./checks-order.ts";
import type { StateReader, StateWriter } from "./state-bytes.ts";

const MOST = Number.MAX_SAFE_INTEGER;

/**
 * A parent order as the gate knows it, and what is held for it beside its children.
 *
 * @units lots; `unitTicks` ticks above 0 or 0; `limitTicks` ticks; `heldValue` whole minor units of the gate's currency
 */
export interface ParentRow {
  readonly id: number;
  readonly seat: number;
  readonly instrument: number;
  /** +1 buys, -1 sells. */
  readonly side: number;
  /** The whole quantity. */
  lots: number;
  /** The worst price it is held at. */
  unitTicks: number;
  /** Its limit as it was given; NaN where there is none. */
  limitTicks: number;
  /** What its children executed, late executions in it, less what was undone. */
  filledLots: number;
  /** What is held for its children, each by its own order. */
  childLots: number;
  /** The highest slice of a child that was approved. */
  lastSlice: number;
  /** Lots that need located shares and have no child yet; no more than `heldLots` of them are held. */
  shortLots: number;
  /** What its open children would give back beyond what is held for them; worked out, not saved. */
  keptTickLots: number;
  /** What is held for the parent itself: lots that are neither filled nor held for a child, and money beside them. */
  heldLots: number;
  heldTickLots: number;
  heldValue: number;
}

/** The columns of a row in a snapshot, in this order. */
const SAVED = [
  ...(["id", "seat", "instrument", "side", "lots", "unitTicks", "filledLots", "childLots"] as const),
  ...(["lastSlice", "heldLots", "heldTickLots", "heldValue", "limitTicks", "shortLots"] as const),
] as const;

/** Terms of a parent that are asked of the gate. @units as of {@link ParentRow} */
export interface ParentTerms {
  readonly lots: number;
  readonly unitTicks: number;
  readonly limitTicks: number;
  readonly shortLots: number;
}

/** Writes a parent into a snapshot. */
export function writeParent(to: StateWriter, row: ParentRow): void {
  for (const name of SAVED) to.number(row[name]);
}

/** Reads what `writeParent` wrote. @throws `FAULT_INPUT` naming the field */
export function readParent(from: StateReader, lastId: number, seats: number, instruments: number): ParentRow {
  const next = (name: keyof ParentRow): number => from.whole(name, -MOST, MOST);
  const row: ParentRow = {
    ...{ id: next("id"), seat: next("seat"), instrument: next("instrument"), side: next("side") },
    ...{ lots: next("lots"), unitTicks: next("unitTicks"), filledLots: next("filledLots") },
    ...{ childLots: next("childLots"), lastSlice: next("lastSlice"), heldLots: next("heldLots") },
    ...{ heldTickLots: next("heldTickLots"), heldValue: next("heldValue") },
    ...{ limitTicks: from.number(), shortLots: next("shortLots"), keptTickLots: 0 },
  };
  const { limitTicks } = row;
  const isLimit = Number.isNaN(limitTicks) || isTicks(limitTicks);
  from.check("limitTicks", limitTicks, isLimit, "a price in ticks, or none");
  from.check("id", row.id, row.id >= 1 && row.id <= lastId, "the number of a parent there was");
  from.check("seat", row.seat, row.seat >= 0 && row.seat < seats, "a place of the gate");
  const isPlace = row.instrument >= 0 && row.instrument < instruments;
  from.check("instrument", row.instrument, isPlace, "a place of the gate");
  from.check("side", row.side, row.side === 1 || row.side === -1, "1 or -1");
  return row;
}
