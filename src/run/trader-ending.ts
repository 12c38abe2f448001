import { checkBoolean, checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { TraderHolds } from "./trader-holds.ts";
import type { TraderTime } from "./trader-time.ts";
import type { TraderVenue } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/** Before what is still open at the end is asked to be canceled again. @units ns */
const AGAIN_NS = 1_000_000_000;

/** How a trader stops. */
export interface TraderStopOptions {
  /** How long cancels are waited for, and then the last comparison with the venue; 10 s unless given. @units ns */
  readonly deadlineNs?: number;
  /** Whether the session ends; else it goes on when a trader is started over its folder. True unless given. */
  readonly ends?: boolean;
  /**
   * Whether what is open is canceled; true unless given. Where it is not, orders rest at their venues while nobody
   * looks after them, and the session has to go on: with `ends: false` alone.
   */
  readonly cancels?: boolean;
}

/** Stop options with every default in place. @throws `FAULT_CONFIG` naming the option @internal */
export function planStop(options: TraderStopOptions): Required<TraderStopOptions> {
  checkKeys("trader.stop", options, ["deadlineNs", "ends", "cancels"]);
  const ends = checkBoolean("trader.stop.ends", options.ends ?? true);
  const cancels = checkBoolean("trader.stop.cancels", options.cancels ?? true);
  const deadlineNs = checkInteger("trader.stop.deadlineNs", options.deadlineNs ?? 10_000_000_000, 0);
  if (cancels || !ends) return { ends, cancels, deadlineNs };
  const expected = "true where the session ends: nobody would look after what is kept";
  throw new Fault("FAULT_CONFIG", { path: "trader.stop.cancels", value: cancels, expected });
}

/** How a trader stopped. */
export interface TraderStopped {
  /** The session's hash; undefined where it was not ended. */
  readonly runHash: string | undefined;
  /** Whether everything was over at its venues (unless it was kept), and the last comparison clean, in time. */
  readonly isClean: boolean;
  readonly openOrders: number;
}

/** What an ending works on. */
export interface TraderEndingParts {
  readonly time: TraderTime;
  readonly venues: readonly TraderVenue[];
  readonly holds: TraderHolds;
  readonly inputNs: () => number;
  /** Does one thing to the session. */
  readonly turn: (work: () => void) => void;
  /** Has `look` called at that time at the latest. */
  readonly arm: (ns: number) => void;
  readonly hasFailed: () => boolean;
  /** Between two looks. @units ns */
  readonly idleNs: number;
}

/** Has everything of ours ended at venues that are real; a simulated one ends with its session. */
export class TraderEnding {
  readonly #parts: TraderEndingParts;
  #waiting: (() => void) | undefined = undefined;

  constructor(parts: TraderEndingParts) {
    this.#parts = parts;
  }

  /** Something may have changed. */
  look(): void {
    this.#waiting?.();
  }

  /** Holds, cancels unless told otherwise, waits, compares; whether all that was clean before `untilNs`. */
  async run(session: TradingSession, untilNs: number, cancels: boolean): Promise<boolean> {
    const { venues, holds, inputNs, turn, time } = this.#parts;
    const real = venues.filter((venue) => venue.settle !== undefined);
    if (real.length === 0) return true;
    turn(() => {
      for (const { index } of session.kernel.stations) holds.set(index, "stopping", true);
      holds.settle(session, inputNs());
      if (cancels) for (const venue of real) venue.cancelOpen(inputNs());
    });
    let askedNs = time.nowNs();
    const isOver = (): boolean => {
      const loud = real.filter((venue) => !venue.isQuiet());
      // A cancel may be lost as anything may: it does no harm twice.
      if (loud.length > 0 && time.nowNs() - askedNs >= AGAIN_NS) {
        askedNs = time.nowNs();
        for (const venue of loud) venue.cancelOpen(inputNs());
      }
      return loud.length === 0;
    };
    if (cancels && !(await this.#until(isOver, untilNs))) return false;
    const settled: boolean[] = [];
    void Promise.all(real.map(async (venue) => (await venue.settle?.()) !== false))
      .then((all) => settled.push(all.every(Boolean)))
      .catch(() => settled.push(false))
      .finally(() => this.look());
    await this.#until(() => settled.length > 0, untilNs);
    return settled[0] === true;
  }

  /** Resolves when something holds, or the time has come: whether it holds. */
  #until(holds: () => boolean, untilNs: number): Promise<boolean> {
    const { time, hasFailed, arm, idleNs } = this.#parts;
    return new Promise((done) => {
      this.#waiting = () => {
        const isHeld = !hasFailed() && holds();
        if (!isHeld && !hasFailed() && time.nowNs() < untilNs) return;
        this.#waiting = undefined;
        done(isHeld);
      };
      this.#waiting();
      arm(Math.min(untilNs, time.nowNs() + idleNs));
    });
  }
}

/** How long a trader that failed waits for its venues to cancel what is open. @units ns */
const ABANDON_NS = 5_000_000_000;

/** Has everything canceled beside a session that failed; resolves when the venues have answered, or in five seconds. */
export async function abandon(venues: readonly TraderVenue[], time: TraderTime): Promise<void> {
  let takeBack = () => {};
  const late = new Promise<void>((done) => {
    takeBack = time.after(ABANDON_NS, done);
  });
  await Promise.race([Promise.allSettled(venues.map(async (venue) => venue.abandon?.())), late]);
  takeBack();
}
