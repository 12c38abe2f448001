import { Fault } from "../base/index.ts";
import { DepthBlock, type Instrument, LAST, ROW, VALIDITY } from "../model/index.ts";
import type { FeedListener, FeedMessage, VenueTrouble } from "../venue/index.ts";
import { type FeedOut, type FeedStageFigures, type FeedStageWord, OPEN_STAGE } from "./feed-stage.ts";
import type { TraderAlerts } from "./trader-alerts.ts";
import type { TraderFeed, TraderPlan } from "./trader-options.ts";
import type { TradingSession } from "./trading-session.ts";

/** Who is told what the feeds say. */
export interface TraderFeedWatch {
  /** Rows of an instrument, as strategies are to see them. */
  rows(station: number, block: DepthBlock, from: number, to: number): void;
  /** Something is known of an instrument's market, if only that its source lives. */
  alive(station: number): void;
  /** What the stage has to say beside rows. */
  word(word: FeedStageWord): void;
  /** The stage may want to be asked sooner than before. */
  due(): void;
}

/** A feed as it stands. */
export interface FeedFigures {
  readonly source: string;
  readonly isUp: boolean;
  readonly messages: number;
  /** Messages about instruments that the session does not trade. */
  readonly strangers: number;
  readonly troubles: number;
}

interface Line extends Required<TraderFeed> {
  isUp: boolean;
  /** Instruments that were subscribed to. */
  readonly heard: Set<string>;
  messages: number;
  strangers: number;
  troubles: number;
}

/** The feeds of a trader: opened, subscribed, and heard through its stage. */
export class TraderFeeds implements FeedListener {
  readonly #lines: readonly Line[];
  readonly #stations: ReadonlyMap<string, number>;
  readonly #plan: TraderPlan;
  readonly #alerts: TraderAlerts;
  readonly #watch: TraderFeedWatch;
  readonly #gap = new DepthBlock(1);
  #isClosed = false;

  constructor(plan: TraderPlan, alerts: TraderAlerts, watch: TraderFeedWatch) {
    this.#alerts = alerts;
    this.#plan = plan;
    this.#watch = watch;
    this.#stations = new Map(plan.session.instruments.map(({ key }, i) => [key, i]));
    this.#lines = plan.feeds.map((feed) => ({
      ...feed,
      isUp: false,
      heard: new Set<string>(),
      messages: 0,
      strangers: 0,
      troubles: 0,
    }));
    plan.stage.attach?.(
      {
        requestSnapshot: (source, instrument) => this.#ask(source, instrument),
        tell: (word) => this.#watch.word(word),
      },
      this.#lines.map(({ client, instruments, channels }) => {
        return { source: client.source, instruments, channels, numbering: client.numbering ?? "none" };
      }),
    );
  }

  /** Opens every feed and asks it for its instruments. @throws `FAULT_IO` where one cannot be had */
  async open(): Promise<void> {
    await Promise.all(
      this.#lines.map(async ({ client, instruments, channels, heard }) => {
        await client.open(this);
        for (const instrument of instruments) {
          await client.subscribe(instrument, channels);
          heard.add(instrument.key);
          if (channels.includes("depth")) await client.requestSnapshot(instrument);
        }
      }),
    );
  }

  /** Where nobody judges the data any more, what was said of it before this process began holds no longer. */
  vouch({ kernel }: TradingSession): void {
    if (this.#plan.stage !== OPEN_STAGE) return;
    for (const { index, validity } of kernel.stations)
      if (validity.state !== VALIDITY.valid) this.#tell(index, ROW.validity);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#lines.map(({ client }) => client.close()));
  }

  /** When the stage wants to be asked. */
  nextNs(): number {
    return this.#plan.stage.nextNs?.() ?? Number.POSITIVE_INFINITY;
  }

  idle(): void {
    this.#plan.stage.idle?.(this.#plan.time.nowNs(), this.#out);
  }

  /** How the stage sees the sources; nothing where it does not judge them. */
  stageFigures(): readonly FeedStageFigures[] {
    return this.#plan.stage.figures?.() ?? [];
  }

  figures(): readonly FeedFigures[] {
    return this.#lines.map(({ client, isUp, messages, strangers, troubles }) => {
      return { source: client.source, isUp, messages, strangers, troubles };
    });
  }

  // --- what a source says ---

  message(source: string, message: FeedMessage): void {
    const line = this.#line(source);
    if (line === undefined) return;
    line.messages += 1;
    this.#plan.stage.message(source, message, this.#plan.time.nowNs(), this.#out);
    this.#watch.due();
  }

  alive(source: string, _nowNs: number): void {
    const line = this.#line(source);
    if (line === undefined) return;
    this.#plan.stage.alive?.(source, this.#plan.time.nowNs(), this.#out);
    for (const { key } of line.instruments) this.#watch.alive(this.#stations.get(key) as number);
    this.#watch.due();
  }

  connected(source: string): void {
    const line = this.#line(source);
    if (line === undefined || line.isUp) return;
    line.isUp = true;
    this.#plan.stage.connected?.(source, this.#plan.time.nowNs(), this.#out);
    this.#alerts.alert("info", "TRADER_FEED_UP", `${source} is connected`, { source });
  }

  disconnected(source: string, cause: VenueTrouble): void {
    const line = this.#line(source);
    if (line === undefined || !line.isUp) return;
    line.isUp = false;
    this.#plan.stage.disconnected?.(source, cause, this.#plan.time.nowNs(), this.#out);
    for (const { key } of line.instruments)
      if (!this.#isHeard(key)) this.#tell(this.#stations.get(key) as number, ROW.gap);
    const words = `${source} is lost: ${cause.words}`;
    this.#alerts.alert("warn", "TRADER_FEED_DOWN", words, { source, cause: cause.code });
    this.#watch.due();
  }

  trouble(source: string, trouble: VenueTrouble): void {
    const line = this.#line(source);
    if (line === undefined) return;
    line.troubles += 1;
    this.#trouble(source, trouble);
  }

  /** Asks a source for a book, later: not within the call of a stage, and not before it was subscribed to. */
  #ask(source: string, instrument: Instrument): void {
    const line = this.#lines.find(({ client }) => client.source === source);
    if (line === undefined || !line.heard.has(instrument.key)) return;
    queueMicrotask(() => {
      if (this.#isClosed) return;
      line.client.requestSnapshot(instrument).catch((error: unknown) => {
        const words = error instanceof Error ? error.message : String(error);
        if (!this.#isClosed) this.#trouble(source, { code: "VENUE_UNREACHABLE", words });
      });
    });
  }

  #trouble(source: string, { code, words }: VenueTrouble): void {
    this.#alerts.alert("warn", "TRADER_FEED_TROUBLE", `${source}: ${words}`, { source, cause: code });
  }

  /** Whether any source of an instrument is up. */
  #isHeard(key: string): boolean {
    return this.#lines.some((line) => line.isUp && line.instruments.some((each) => each.key === key));
  }

  /** Strategies are told that rows are missing: the book they see is as old as its last row; or that data is valid. */
  #tell(station: number, kind: number): void {
    const block = this.#gap;
    const now = this.#plan.time.nowNs();
    block.kind[0] = kind | LAST;
    block.exch[0] = now;
    block.local[0] = now;
    this.#watch.rows(station, block, 0, 1);
  }

  readonly #out: FeedOut = (message, source) => {
    const station = this.#stations.get(message.instrument?.key);
    const { block, from, to } = message;
    if (
      station !== undefined &&
      Number.isInteger(from) &&
      from >= 0 &&
      to <= block.lots.length &&
      from <= to
    ) {
      if (to > from) this.#watch.rows(station, block, from, to);
      return;
    }
    const line = this.#line(source);
    if (line === undefined) return;
    line.strangers += 1;
    const words =
      station === undefined ? `rows of ${message.instrument?.key}` : `rows ${from} to ${to} of a block`;
    if (line.strangers === 1) this.#trouble(source, { code: "VENUE_UNKNOWN_INSTRUMENT", words });
  };

  #line(source: string): Line | undefined {
    if (this.#isClosed) return undefined;
    const line = this.#lines.find(({ client }) => client.source === source);
    if (line !== undefined) return line;
    throw new Fault("FAULT_INPUT", {
      path: "trader.feed",
      value: source,
      expected: `one of ${this.#lines.map(({ client }) => client.source).join(", ")}`,
    });
  }
}
