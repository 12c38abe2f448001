import type { BookView, Strategy, ValidityView } from "../../src/strategy/index.ts";
import { type TwinFault, TwinWorld } from "../fixtures/twin-world.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";

const MS = 1_000_000;
const AIM_MS = 100;
const CLASSES: readonly TwinFault[] = ["disconnect", "silence", "gap", "prices"];
const RATES = [500, 200, 50];
/** Faults of each class at each rate. */
const FAULTS = Number(process.env.TICKWRIGHT_FAILOVER_FAULTS ?? 20);

/** One fault: until the other source's book, and its next message, were seen as valid. @units ms; ns */
interface Outcome {
  readonly bookMs: number;
  readonly messageMs: number;
  readonly boundNs: number;
}

/**
 * Fail-over through real sockets: one market from two exchanges on this machine, a paper trader, a fault of the source
 * that strategies see; how long until a strategy's callback is given valid data of the other one.
 */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes = [
    `${FAULTS} faults a row; from the moment a message is wrong, missing or the socket is cut to the strategy's callback`,
    "a market of diffs, trades and quotes, half of them diffs; exchanges, sockets, journal and strategy in one thread",
    "a silence is shown by what the other source says meanwhile: bound = detectionBoundNs when it began, p50",
  ];
  for (const rate of RATES) {
    for (const [fault, outcomes] of await measured(rate)) {
      const books = outcomes.map(({ bookMs }) => bookMs).sort(rising);
      const messages = outcomes.map(({ messageMs }) => messageMs).sort(rising);
      const bound = quantile(outcomes.map(({ boundNs }) => boundNs / MS).sort(rising), 0.5);
      const p50 = quantile(books, 0.5);
      const worst = books.at(-1) as number;
      rows.push({
        name: `${fault}, ${rate} messages/s`,
        ...{ ours: p50, unit: "ms", peer: "asked for", peerValue: AIM_MS, aim: 1 },
        ...{ ratio: AIM_MS / p50, ratioMin: AIM_MS / worst, ratioMax: AIM_MS / (books[0] as number) },
        ...{ p50Ns: p50 * MS, p99Ns: quantile(books, 0.99) * MS, p999Ns: worst * MS },
      });
      const told = fault === "silence" ? `, bound ${bound.toFixed(0)}` : "";
      notes.push(`${fault} at ${rate}/s, ms: book ${line(books)}; next message ${line(messages)}${told}`);
    }
  }
  return { rows, notes };
}

/** Waits for valid data of another source than the one that a fault befell. */
class Stopwatch implements Strategy {
  readonly name = "stopwatch";
  bookMs = 0;
  messageMs = 0;
  isOn = false;
  readonly #current: () => number;
  #from = -1;
  #struck: { readonly struckMs: number } | undefined;

  constructor(current: () => number) {
    this.#current = current;
  }

  start(from: number, struck: { readonly struckMs: number }): void {
    this.#from = from;
    this.#struck = struck;
    this.bookMs = 0;
    this.messageMs = 0;
    this.isOn = true;
  }

  onBook(book: BookView): void {
    this.#see(book);
  }

  onTrade(trade: ValidityView): void {
    this.#see(trade);
  }

  onQuote(quote: ValidityView): void {
    this.#see(quote);
  }

  #see({ validity, validityReason }: ValidityView): void {
    if (!this.isOn || this.#struck?.struckMs === 0 || validity !== "valid" || this.#current() === this.#from)
      return;
    const now = performance.now();
    if (this.bookMs === 0) this.bookMs = now;
    if (validityReason !== "" || now === this.bookMs) return;
    this.messageMs = now;
    this.isOn = false;
  }
}

async function measured(rate: number): Promise<readonly (readonly [TwinFault, readonly Outcome[]])[]> {
  const found = CLASSES.map((fault) => [fault, [] as Outcome[]] as const);
  const patience = { holdDownNs: 50 * MS, probationNs: 50 * MS, silentNsMax: 2_000 * MS };
  const stopwatch: Stopwatch = new Stopwatch(() => world.current);
  const world: TwinWorld = new TwinWorld({
    seed: rate,
    stage: { arbiter: patience, suspectHoldNs: 0 },
    strategies: () => [stopwatch],
  });
  await world.start();
  world.run(rate);
  await world.whole();
  await world.known();
  for (let i = 0; i < FAULTS; i++) {
    for (const [fault, outcomes] of found) outcomes.push(await one(world, stopwatch, fault));
  }
  await world.trader.stop({ deadlineNs: 2_000 * MS });
  await world.close();
  world.remove();
  return found;
}

async function one(world: TwinWorld, stopwatch: Stopwatch, fault: TwinFault): Promise<Outcome> {
  // Not in step with the market, nor with timers.
  await new Promise((resolve) => setTimeout(resolve, 20 + ((world.market.lastId * 7) % 60)));
  const from = world.current;
  const twin = world.twins[from === 0 ? 0 : 1];
  const boundNs = world.stage.figures()[from]?.silenceBoundNs ?? 0;
  twin.inject(fault);
  stopwatch.start(from, twin);
  const end = performance.now() + 20_000;
  while (stopwatch.isOn) {
    if (performance.now() > end) throw new Error(`${fault}: nothing valid came in 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  twin.heal();
  await world.settled(30);
  const { bookMs, messageMs } = stopwatch;
  return { bookMs: bookMs - twin.struckMs, messageMs: messageMs - twin.struckMs, boundNs };
}

function rising(a: number, b: number): number {
  return a - b;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

function line(sorted: readonly number[]): string {
  const figures = [0.5, 0.95, 0.99].map((share) => quantile(sorted, share).toFixed(1));
  return `p50 ${figures[0]} p95 ${figures[1]} p99 ${figures[2]} max ${(sorted.at(-1) as number).toFixed(1)}`;
}
