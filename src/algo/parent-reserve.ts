import { type Refusal, refuse } from "../base/index.ts";
import { type Instrument, MAX_TICKS } from "../model/index.ts";
import type { AlgoPort } from "./algo-port.ts";
import { isSound } from "./child-price.ts";
import type { BaseTerms } from "./parent-terms.ts";
import { type AlgoRefusalCode, ORDER_ONLY_REFUSALS } from "./refusals.ts";

/** Refusals of a reservation by what is not known now: the parent may wait for its start, and is held then. */
const NOT_YET: ReadonlySet<string> = new Set(["RISK_REFERENCE_UNAVAILABLE", "RISK_RECORDS_FULL"]);

/** Whether a refusal is of the moment alone. */
export function isNotYet({ code }: Refusal): boolean {
  return NOT_YET.has(code);
}

/**
 * A parent's reservation at the gate of its port: what it may still do is held from its start until nothing more is
 * sent for it.
 */
export class ParentReserve {
  /** The gate's number of it; 0 while nothing is held. */
  id = 0;

  /** Holds a parent, where the port can. Says why not. */
  hold(terms: BaseTerms, port: AlgoPort): Refusal | undefined {
    if (port.reserve === undefined || this.id > 0) return undefined;
    const { instrument, side, lots } = terms;
    const answer = port.reserve({ instrument, side, lots, ...limitOf(terms) });
    if (!answer.ok) return answer;
    this.id = answer.id;
    return undefined;
  }

  /** Holds it by other terms. Says why not; what was held stays then. */
  change(terms: BaseTerms, port: AlgoPort): Refusal | undefined {
    if (this.id === 0) return undefined;
    const answer = port.changeReserve?.(this.id, { lots: terms.lots, ...limitOf(terms) });
    return answer === undefined || answer.ok ? undefined : answer;
  }

  /** Lets it go: its children are held by themselves. */
  release(port: AlgoPort): void {
    if (this.id === 0) return;
    port.release?.(this.id);
    this.id = 0;
  }
}

/**
 * Holds a whole parent against the limits of a gate that cannot reserve, as one limit order of its worst price; rules
 * that judge one order by its size, price or rate are left out. A parent beyond the instrument's largest order is
 * looked at as that order.
 */
export function checkRisk(
  terms: BaseTerms,
  instrument: Instrument,
  port: AlgoPort,
  doneLots = 0,
): Refusal<AlgoRefusalCode> | undefined {
  const { side, limitTicks } = terms;
  const lots = Math.min(terms.lots - doneLots, instrument.maxLots);
  const book = port.book(instrument.key);
  if (port.reserve !== undefined || port.explain === undefined) return undefined;
  if (lots < instrument.minLots || !isSound(book)) return undefined;
  const touch = side === "buy" ? book.bestAsk : book.bestBid;
  const priceTicks = side === "buy" ? Math.min(limitTicks, touch) : Math.max(limitTicks, touch);
  const rules = port.explain({ instrument: instrument.key, side, lots, priceTicks });
  const broken = rules.find(({ code }) => !ORDER_ONLY_REFUSALS.has(code));
  if (broken === undefined) return undefined;
  return refuse("ALGO_RISK", "lots", terms.lots, `a parent within the limits: ${broken.message}`);
}

function limitOf({ limitTicks }: BaseTerms): { readonly priceTicks?: number } {
  return Math.abs(limitTicks) === MAX_TICKS ? {} : { priceTicks: limitTicks };
}
