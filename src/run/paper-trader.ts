import { checkArray, checkChoice, checkInteger, checkKeys } from "../base/index.ts";
import { type PaperModel, PaperVenue } from "./paper-venue.ts";
import { Trader } from "./trader.ts";
import { planTrader, type TraderOptions } from "./trader-options.ts";

/** What a {@link PaperTrader} is made from. */
export interface PaperTraderOptions extends TraderOptions {
  /** How each instrument's venue is simulated, in their order; as a `SimVenue` is by default unless given. */
  readonly venues?: readonly PaperModel[];
  /**
   * How long an order that arrived at its venue waits for rows of the moments before; as long as a report is on its
   * way, where all take equally long, unless given, else 0. @units ns
   */
  readonly settleNs?: number;
  /**
   * When rows happened: as their source says, or `arrival`: when we received them, for sources whose clock is not to be
   * trusted. `source` unless given; what would have happened after it came is taken for `arrival`.
   */
  readonly exchangeTimes?: "source" | "arrival";
}

/**
 * Trades on paper: live market data in, and fills by the models of the simulator, in real time. The session, its
 * journal and its recovery are those of a live one; only the doors lead to simulated venues.
 *
 * Its market, recorded as it came, gives the same decisions in a `Backtester` with the same models, as long as
 * `status().venues[0]` counts no `lateRows` and no `lateReports`: a feed that is slower than the venue's answers tells
 * of rows when what they lead to should have been reported already.
 *
 * Orders of a process that died have lost their places in the queue: they are reported `canceled` when the session goes
 * on, positions stay.
 *
 * @throws `FAULT_CONFIG` naming the option
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { DepthBlock, Instrument, LAST, money, ROW } from "tickwright/model";
 * import { PaperTrader, VirtualTime } from "tickwright/run";
 * import { ConstantLatency } from "tickwright/sim";
 * import type { FeedClient, FeedListener } from "tickwright/venue";
 * const instrument = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
 * const time = new VirtualTime(0n); // leave it out for this machine's
 * const listeners: FeedListener[] = []; // yours is an adapter of an exchange
 * const nothing = async () => {};
 * const client: FeedClient = {
 *   source: "made up",
 *   open: async (listener) => void listeners.push(listener),
 *   ...{ subscribe: nothing, requestSnapshot: nothing, close: nothing },
 * };
 * const block = new DepthBlock(1);
 * const ask = (tick: number) => {
 *   [block.kind[0], block.tick[0], block.lots[0]] = [ROW.ask | LAST, tick, 10];
 *   [block.exch[0], block.local[0]] = [time.nowNs() - 1_000_000, time.nowNs()];
 *   const numbers = { firstSequence: -1, lastSequence: -1, previousSequence: -1 };
 *   const message = { instrument, channel: "depth", isSnapshot: false, ...numbers, block, from: 0, to: 1 } as const;
 *   listeners[0]?.message("made up", message);
 * };
 * const trader = new PaperTrader({
 *   name: "desk",
 *   instruments: [instrument],
 *   strategies: [
 *     { name: "once", onBook: (book, ctx) =>
 *       void (ctx.openOrders().length + ctx.position("ABC").lots === 0 &&
 *         ctx.submit({ instrument: "ABC", side: "buy", lots: 5, priceTicks: book.bestAsk })) },
 *   ],
 *   ...{ cash: [money(100_000n, "USD")], reporting: "USD", seed: 1, time },
 *   folder: join(mkdtempSync(join(tmpdir(), "paper-")), "journal"),
 *   journal: { policy: "async", create: true },
 *   feeds: [{ client }],
 *   venues: [{ latency: new ConstantLatency({ entryNs: 2_000_000, responseNs: 3_000_000 }) }],
 * });
 * await trader.start();
 * time.call(10_000_000, () => ask(1_000));
 * await time.runTo(20_000_000);
 * trader.status().instruments[0]?.positionLots; // => 5
 * (await trader.stop()).isClean; // => true
 * ```
 */
export class PaperTrader extends Trader {
  readonly #isByArrival: boolean;

  constructor(options: PaperTraderOptions) {
    const plan = planTrader(options, ["venues", "settleNs", "exchangeTimes"]);
    const { venues, settleNs, exchangeTimes = "source" } = options;
    const { instruments } = plan.session;
    for (const [i, model] of (venues ?? []).entries())
      checkKeys(`trader.venues[${i}]`, model, ["latency", "queue", "fills", "rememberConsumed", "dayEndNs"]);
    const models = checkArray("trader.venues", venues ?? instruments.map(() => ({})), instruments.length);
    if (settleNs !== undefined) checkInteger("trader.settleNs", settleNs, 0);
    checkChoice("trader.exchangeTimes", exchangeTimes, ["source", "arrival"]);
    super(plan, [new PaperVenue(models.slice(0, instruments.length), settleNs)]);
    this.#isByArrival = exchangeTimes === "arrival";
  }

  protected override exchangeNs(exchNs: number, localNs: number): number {
    return this.#isByArrival || exchNs > localNs ? localNs : exchNs;
  }
}
