import type { TradingKernel } from "../kernel/index.ts";
import { Agenda } from "./agenda.ts";
import type { Lane } from "./lane.ts";

/** Someone to be asked at evenly spaced moments of the run. */
export interface Sampled {
  /** The next moment, ns from the session's base; Infinity for never. */
  readonly nextNs: Float64Array;
  /** The moment `nowNs` has come: everything up to it has happened; the next event will at `untilNs`. */
  sample(nowNs: number, untilNs: number): void;
}

/**
 * Brings the events of all lanes, the timers and the samples of a run into one order and hands them to the
 * kernel.
 *
 * At one moment: lanes first (in their order), then samples, then timers. Timers beyond the last event of
 * the last lane never fire, those of its moment do.
 *
 * @invariant The kernel's time never falls.
 */
export class Sequencer {
  readonly #kernel: TradingKernel;
  readonly #lanes: readonly Lane[];
  readonly #agenda: Agenda;
  readonly #sampled: Sampled;
  #activity = 0;

  constructor(kernel: TradingKernel, lanes: readonly Lane[], sampled: Sampled) {
    this.#kernel = kernel;
    this.#lanes = lanes;
    this.#sampled = sampled;
    this.#agenda = new Agenda(lanes);
    this.#agenda.choose();
  }

  /** When the next event of a lane is, Infinity at the end. */
  get nextNs(): number {
    return this.#agenda.firstNs[0] as number;
  }

  /** One stretch: a sample, a timer, or the next lane until something else is due; false at the end. */
  step(): boolean {
    const agenda = this.#agenda;
    const kernel = this.#kernel;
    const first = agenda.firstNs[0] as number;
    if (agenda.lane < 0) return false;
    const timer = kernel.timers.nextNs[0] as number;
    const sample = this.#sampled.nextNs[0] as number;
    if (sample < first && sample <= timer) this.#sampled.sample(sample, first);
    else if (timer < first) {
      kernel.nowNs[0] = timer;
      kernel.timer();
    } else this.#advance(Math.min(timer, sample));
    this.#look();
    return true;
  }

  /** Fires the timers of the last moment. */
  finish(): void {
    const kernel = this.#kernel;
    while ((kernel.timers.nextNs[0] as number) <= (kernel.nowNs[0] as number)) kernel.timer();
  }

  #advance(slow: number): void {
    const agenda = this.#agenda;
    const lane = this.#lanes[agenda.lane] as Lane;
    const first = agenda.firstNs[0] as number;
    const second = agenda.secondNs[0] as number;
    if (second === first) lane.advance(first, true, true);
    else if (second <= slow) lane.advance(second, false, false);
    else lane.advance(slow, true, false);
    agenda.look(agenda.lane);
  }

  #look(): void {
    const { count } = this.#kernel.activity;
    if (count !== this.#activity) {
      this.#activity = count;
      this.#agenda.lookAll();
    }
    this.#agenda.choose();
  }
}
