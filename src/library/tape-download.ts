import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault, Prng } from "../base/index.ts";
import { openTape } from "../host/index.ts";
import { type DepthBlock, Instrument, type TapeMeta } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { checkParquetPeer } from "../store/index.ts";
import {
  type HistoryAnswer,
  type HistoryBar,
  type HistoryMarket,
  type HistoryTrade,
  RetryWait,
} from "../venue/index.ts";
import { BarPager } from "./download-bar-pager.ts";
import { BarFrame } from "./download-frame.ts";
import { checkRow, isBlank, LotGrid, momentText, RowSteps } from "./download-grid.ts";
import { type DownloadHeader, DownloadJournal, type DownloadRequest } from "./download-journal.ts";
import { type DownloadPlan, planDownload, type TapeDownloadOptions } from "./download-options.ts";
import type { DownloadRow, PageQuestion, Pager } from "./download-pager.ts";
import { type DownloadReport, DownloadSurvey } from "./download-report.ts";
import { TradePager } from "./download-trade-pager.ts";
import { writeDownload } from "./download-writer.ts";
import { exportTape } from "./tape-files.ts";
import { TapeLibrary } from "./tape-library.ts";
import { fileSha256 } from "./tape-survey.ts";

/** What a download gave. JSON-safe. */
export interface TapeDownloaded {
  /** The file that was written; of a library, that of the tape in it. */
  readonly path: string;
  readonly meta: TapeMeta;
  /** Of the file. */
  readonly fileSha256: string;
  /** Of the file. @units bytes */
  readonly bytes: number;
  readonly report: DownloadReport;
  /** What was asked for, the end as it was settled. @units epoch ms */
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * Answers with and without rows, those of earlier starts included; and questions of this start, failures included.
   */
  readonly pages: number;
  readonly questions: number;
}

/** Bars asked for at once where nobody knows how many a venue gives: an answer without any must cover them. */
const PAGE_BARS = 100;
/** Least and most of back-off. @units ms */
const BACK_OFF = [1_000, 60_000] as const;
/** How far this machine's clock is trusted where a venue does not tell its own. @units ms */
const CLOCK_DOUBT = 60_000;
const NS_PER_MS = 1_000_000;

/**
 * Downloads bars or trades of one market, page by page, into a tape, a Parquet file or a library.
 *
 * Each answer is in a journal beside the file before the next question. A download that was killed at any instant
 * goes on with the same options: what an answer told is not asked again, and the file's bytes are those of a download
 * that was not killed. Only bars that are over are kept. What is missing is reported, and never filled in.
 *
 * @invariant The file appears whole: it is written beside and renamed. The journal goes when it is there.
 * @throws `FAULT_CONFIG` naming the option; `run` as its own
 * @cost One page and one block of rows in memory; 60 to 110 bytes of disk a row until the file is whole. One wait
 * for the disk a page.
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { TapeDownload } from "tickwright/library";
 * import type { HistoryBar, HistoryClient } from "tickwright/venue";
 *
 * const minute = 60_000;
 * const all: HistoryBar[] = [0, 1, 3].map((i) => [i * minute, "1.00", "1.02", "0.99", "1.01", "5"]);
 * const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" };
 * const market = { symbol: "ABC/USD", instrument, pageRows: 2, isWindowed: true, byId: false };
 * const client: HistoryClient = {
 *   ...{ venue: "test", symbol: "ABC/USD", timeframe: "1m", close: async () => {} },
 *   open: async () => ({ ok: true, value: { ...market, nowMs: 1e9, isVenueTime: true } }),
 *   bars: async (fromMs, rows) => ({ ok: true, value: all.filter(([ms]) => ms >= fromMs).slice(0, rows) }),
 *   trades: async () => ({ ok: true, value: [] }),
 * };
 * const out = join(mkdtempSync(join(tmpdir(), "download-")), "abc.tape");
 * const { meta, report } = await new TapeDownload({ client, fromNs: 0n, toNs: 240_000_000_000n, out }).run();
 * [meta.rows, report.missing, report.gaps[0]?.fromMs]; // => [3, 1, 120000]
 * ```
 */
export class TapeDownload {
  readonly #plan: DownloadPlan;
  readonly #frame: BarFrame | undefined;
  #questions = 0;

  constructor(options: TapeDownloadOptions) {
    this.#plan = planDownload(options);
    const { timeframe } = this.#plan.client;
    this.#frame = timeframe === undefined ? undefined : new BarFrame(timeframe);
  }

  /**
   * Downloads, or goes on where an earlier start stopped.
   *
   * @throws `FAULT_CONFIG` where the journal is of another download, naming what differs, or the venue has no such
   * market, bars or trades; `FAULT_IO` where the file is there already, another process downloads into it, or the
   * venue does not answer after all attempts (what is there stays); `FAULT_INPUT` naming a row whose price is off the
   * grid, or where there is no row at all; `FAULT_JOURNAL_CORRUPT`; `FAULT_PEER_MISSING`
   */
  async run(): Promise<TapeDownloaded> {
    try {
      return await this.#run();
    } finally {
      await this.#plan.client.close();
    }
  }

  async #run(): Promise<TapeDownloaded> {
    const { place, format, journal: path, overwrite } = this.#plan;
    if (format === "parquet") await checkParquetPeer();
    mkdirSync(dirname(path), { recursive: true });
    const journal = new DownloadJournal(path, this.#request());
    try {
      if (format !== "library" && !overwrite && !journal.isWriting && existsSync(place)) {
        const expected = "a new path, or overwrite: true";
        throw new Fault("FAULT_IO", { path: place, value: "a file that is there already", expected });
      }
      const instrument = await this.#fetch(journal);
      return await this.#finish(journal, instrument);
    } finally {
      // Nothing was begun: nothing to go on with.
      if (journal.header === undefined) journal.remove();
      journal.close();
    }
  }

  #request(): DownloadRequest {
    const { client, fromMs, toMs = null, simulated } = this.#plan;
    const what = client.timeframe ?? "trades";
    return { venue: client.venue, symbol: client.symbol, what, fromMs, toMs, simulated };
  }

  /** Asks until everything is in the journal. Gives the instrument that rows are read by. */
  async #fetch(journal: DownloadJournal): Promise<Instrument> {
    const { client, tickSize, lotSize } = this.#plan;
    const known = journal.header;
    const isOnGrid = known?.tickSize === tickSize && known.lotSize === lotSize;
    if (known !== undefined && isOnGrid && journal.last?.state.isDone === true)
      return new Instrument(known.market.instrument);
    const market = await this.#answered(() => client.open());
    if (known === undefined) {
      const endMs = this.#endMs(market);
      journal.begin({ format: 1, request: this.#request(), endMs, market, tickSize, lotSize });
    }
    const header = journal.header as DownloadHeader;
    const instrument = new Instrument((known === undefined || isOnGrid ? header.market : market).instrument);
    await this.#turnPages(journal, header, instrument);
    return instrument;
  }

  async #turnPages(journal: DownloadJournal, header: DownloadHeader, instrument: Instrument): Promise<void> {
    const pager = this.#pager(journal, header) as Pager<DownloadRow>;
    const rowsBefore = journal.rows;
    const isBars = this.#frame !== undefined;
    for (let asked = pager.next(); asked !== undefined; asked = pager.next()) {
      const question = asked;
      const answer = await this.#answered(() => this.#ask(question));
      const { rows, found } = pager.take(answer, question);
      const kept = rows.filter((row) => !isBars || !isBlank(row));
      for (const row of kept) checkRow(row, instrument, isBars);
      journal.append({ rows: kept, found, state: pager.state });
      this.#plan.onProgress({
        ...{ rows: journal.rows, rowsBefore, pages: journal.pages },
        ...{ fromMs: this.#plan.fromMs, atMs: pager.state.atMs, toMs: header.endMs },
      });
    }
    // A download of nothing has no page: its end is to be known all the same.
    if (journal.last === undefined) journal.append({ rows: [], found: [], state: pager.state });
  }

  #ask({ from, rows }: PageQuestion): Promise<HistoryAnswer<readonly DownloadRow[]>> {
    const { client } = this.#plan;
    return this.#frame !== undefined && "fromMs" in from
      ? client.bars(from.fromMs, rows)
      : client.trades(from, rows);
  }

  #pager(journal: DownloadJournal, header: DownloadHeader): Pager<HistoryBar> | Pager<HistoryTrade> {
    const { fromMs, emptySpanMs } = this.#plan;
    const { market, endMs: toMs } = header;
    const state = journal.last === undefined ? {} : { state: journal.last.state };
    // Asked for more than it gives, a venue gives less: that would look as if there was no more.
    const most = market.pageRows > 0 ? market.pageRows : Number.MAX_SAFE_INTEGER;
    const pageRows = Math.min(this.#plan.pageRows ?? market.pageRows, most);
    const frame = this.#frame;
    if (frame === undefined) {
      return new TradePager({ fromMs, toMs, pageRows, byId: market.byId, emptySpanMs, ...state });
    }
    const { isWindowed } = market;
    return new BarPager({ frame, fromMs, toMs, pageRows: pageRows || PAGE_BARS, isWindowed, ...state });
  }

  /** Where the download ends: nothing that may still change is taken. */
  #endMs({ nowMs, isVenueTime }: HistoryMarket): number {
    const { fromMs, toMs, settleMs } = this.#plan;
    const latest = Math.floor(nowMs - settleMs - (isVenueTime ? 0 : CLOCK_DOUBT));
    if (toMs !== undefined && toMs > latest) {
      const expected = `at most ${momentText(latest)}: the venue's clock less what may still change`;
      throw new Fault("FAULT_CONFIG", { path: "download.toNs", value: momentText(toMs), expected });
    }
    if (fromMs >= latest) {
      const expected = `a moment before ${momentText(latest)}`;
      throw new Fault("FAULT_CONFIG", { path: "download.fromNs", value: momentText(fromMs), expected });
    }
    return toMs ?? latest;
  }

  /** Asks until there is an answer: waits as long as the venue wants, else twice as long after each failure. */
  async #answered<Value>(ask: () => Promise<HistoryAnswer<Value>>): Promise<Value> {
    const { client, attempts, waitMsMax, wait, onTrouble, seed } = this.#plan;
    const backOff = new RetryWait(new Prng(seed), ...BACK_OFF);
    for (let failures = 1; ; failures++) {
      this.#questions += 1;
      const answer = await ask();
      if (answer.ok) return answer.value;
      const { cause, isFinal } = answer;
      const waitMs = Math.max(Math.ceil((cause.retryNs ?? 0) / NS_PER_MS), backOff.next());
      if (isFinal || failures >= attempts || waitMs > waitMsMax) {
        const again = waitMs > waitMsMax ? ` for ${Math.ceil(waitMs / 1000)} s` : "";
        throw new Fault("FAULT_IO", {
          path: `${client.venue} ${client.symbol}`,
          value: `${cause.code}${again}: ${cause.words}`,
          expected: "an answer; what was downloaded stays, and the same call goes on",
        });
      }
      onTrouble(cause, waitMs);
      await wait(waitMs);
    }
  }

  /** Reads the journal twice: for what is missing and the book lot, then for the rows. */
  async #finish(journal: DownloadJournal, instrument: Instrument): Promise<TapeDownloaded> {
    const { fromMs, silenceMs } = this.#plan;
    const header = journal.header as DownloadHeader;
    const frame = this.#frame;
    const survey = new DownloadSurvey({ fromMs, toMs: header.endMs, frame, silenceMs });
    const lots = new LotGrid(instrument, frame !== undefined);
    for (const page of journal.read()) {
      survey.take(page);
      for (const row of page.rows) lots.take(row);
    }
    if (survey.rows === 0) {
      const span = `${momentText(fromMs)} and ${momentText(header.endMs)}`;
      journal.remove();
      throw new Fault("FAULT_INPUT", {
        path: `${header.request.venue} ${header.market.symbol}`,
        value: frame === undefined ? "no trade" : "no bar",
        expected: `at least one between ${span}`,
      });
    }
    const report = survey.report();
    const steps = new RowSteps(lots.terms(), frame !== undefined);
    journal.writing();
    const tape = { pages: { [Symbol.iterator]: () => journal.read() }, header, steps, report, frame };
    const { path, meta } = await this.#write(tape);
    journal.remove();
    return {
      ...{ path, meta, fileSha256: fileSha256(path), bytes: statSync(path).size, report },
      ...{ fromMs, toMs: header.endMs, pages: journal.pages, questions: this.#questions },
    };
  }

  async #write(tape: Parameters<typeof writeDownload>[1]): Promise<{ path: string; meta: TapeMeta }> {
    const { place, format, codec, numbers, journal } = this.#plan;
    if (format === "tape")
      return { path: place, meta: writeDownload(place, tape, { codec, overwrite: true }) };
    const beside = `${journal}.tape`;
    const meta = writeDownload(beside, tape, { overwrite: true });
    const source = openTape(beside) as TapeSource<DepthBlock>;
    let path = place;
    try {
      if (format === "parquet") await exportTape(source, place, { numbers, overwrite: true });
      else path = this.#added(source, meta);
    } finally {
      source.close();
    }
    rmSync(beside, { force: true });
    return { path, meta };
  }

  /** Adds to the library, unless a start that was killed had done it. */
  #added(source: TapeSource<DepthBlock>, meta: TapeMeta): string {
    const library = new TapeLibrary({ folder: this.#plan.place, create: true });
    const { symbol, venue } = meta.instrument;
    const there = library
      .list({ symbol, venue, schema: meta.schema })
      .find(({ contentSha256, fromNs }) => contentSha256 === meta.contentSha256 && fromNs === meta.fromNs);
    return join(this.#plan.place, (there ?? library.add(source, { codec: this.#plan.codec })).path);
  }
}
