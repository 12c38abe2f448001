import { constants } from "node:os";
import process from "node:process";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Waits for the word to stop: the first signal, or `stop`. A second signal ends the process at once, as a crash would:
 * with 128 and the signal's number as its exit code.
 */
export class StopSignals {
  /** Resolves at the first word, also one that came before anybody waited. */
  readonly told: Promise<void>;
  readonly #again: () => void;
  #stop: () => void = () => {};
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** @param again - told before a second signal ends the process */
  constructor(again: () => void) {
    this.#again = again;
    this.told = new Promise((done) => {
      this.#stop = done;
    });
    for (const name of SIGNALS) process.on(name, this.#heard);
  }

  readonly #heard = (name: (typeof SIGNALS)[number]): void => {
    if (!this.#isStopped) return this.stop();
    this.#again();
    process.exit(128 + constants.signals[name]);
  };

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#stop();
  }

  /** Stops after so long. */
  after(seconds: number): void {
    if (Number.isFinite(seconds) && !this.#isStopped)
      this.#timer = setTimeout(() => this.stop(), Math.min(seconds * 1000, 2 ** 31 - 1));
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const name of SIGNALS) process.off(name, this.#heard);
  }
}
