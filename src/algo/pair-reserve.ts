import type { Refusal } from "../base/index.ts";
import type { Side } from "../model/index.ts";
import type { AlgoPort, ChildTicket } from "./algo-port.ts";

/** What a `PairReserve` saves, JSON-safe: of the bid and the ask. */
export interface SavedPairReserve {
  readonly ids: readonly [number, number];
  readonly lots: readonly [number, number];
  readonly filled: readonly [number, number];
  readonly slices: readonly [number, number];
  readonly isRefused: boolean;
}

/**
 * Both sides of a pair as parent orders at the gate of its port: a position that may be anywhere within
 * `maxPositionLots`. A fill of one side makes that much more possible on the other, where it only brings the position
 * back: the other side's parent grows by it.
 *
 * @units lots
 * @invariant Held for a side and its quote together is what brings the position to `maxPositionLots` on that side, from
 * the last time that the gate took a change; a quote beyond that is asked of the gate for itself.
 */
export class PairReserve {
  readonly #maxPositionLots: number;
  readonly #reserves: boolean;
  /** Of the bid and the ask: the gate's number, its quantity there, lots filled by quotes that ended, quotes sent. */
  #ids: [number, number] = [0, 0];
  #lots: [number, number] = [0, 0];
  #filled: [number, number] = [0, 0];
  #slices: [number, number] = [0, 0];
  /** Whether a side was refused when it was asked last. */
  isRefused = false;

  constructor(terms: { readonly maxPositionLots: number; readonly reserves: boolean }) {
    this.#maxPositionLots = terms.maxPositionLots;
    this.#reserves = terms.reserves;
  }

  /** Whether it holds anything at this port. */
  isUsed(port: AlgoPort): boolean {
    return this.#reserves && port.reserve !== undefined;
  }

  /** Brings what is held in line with the position. Says why a side is not held at all. */
  keep(
    port: AlgoPort,
    instrument: string,
    position: number,
    quotes: readonly (ChildTicket | undefined)[],
  ): Refusal | undefined {
    this.isRefused = false;
    for (const [at, side] of (["buy", "sell"] as const).entries()) {
      const own = side === "buy" ? position : -position;
      const done = (this.#filled[at] as number) + (quotes[at]?.cumLots ?? 0);
      const lots = done + Math.max(0, this.#maxPositionLots - own);
      const id = this.#ids[at] as number;
      if (lots === this.#lots[at] || lots === 0) continue;
      // Asked once for each quantity: what is refused stays as it was, and its quotes are asked for themselves.
      if (id > 0) port.changeReserve?.(id, { lots });
      else {
        const answer = port.reserve?.({ instrument, side, lots });
        if (answer?.ok === false) {
          this.isRefused = true;
          return answer;
        }
        this.#ids[at] = answer?.id ?? 0;
      }
      this.#lots[at] = lots;
    }
    return undefined;
  }

  /** What names a quote as a part of what is held. */
  child(side: Side): { readonly parent?: number; readonly slice?: number } {
    const at = side === "buy" ? 0 : 1;
    if (this.#ids[at] === 0) return {};
    this.#slices[at] += 1;
    return { parent: this.#ids[at], slice: this.#slices[at] };
  }

  /** A quote can fill no more. */
  ended({ side, cumLots }: ChildTicket): void {
    if (this.#reserves) this.#filled[side === "buy" ? 0 : 1] += cumLots;
  }

  /** Lets both sides go: quotes are held by themselves. */
  release(port: AlgoPort): void {
    for (const id of this.#ids) if (id > 0) port.release?.(id);
    this.load(undefined);
  }

  save(): { readonly reserve?: SavedPairReserve } {
    if (!this.#reserves) return {};
    const { isRefused } = this;
    const [ids, lots, filled, slices] = [this.#ids, this.#lots, this.#filled, this.#slices];
    return {
      reserve: { ids: [...ids], lots: [...lots], filled: [...filled], slices: [...slices], isRefused },
    };
  }

  load(saved: SavedPairReserve | undefined): void {
    this.isRefused = saved?.isRefused === true;
    this.#ids = [...(saved?.ids ?? ([0, 0] as const))];
    this.#lots = [...(saved?.lots ?? ([0, 0] as const))];
    this.#filled = [...(saved?.filled ?? ([0, 0] as const))];
    this.#slices = [...(saved?.slices ?? ([0, 0] as const))];
  }
}
