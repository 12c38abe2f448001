import { BarRows, DepthRows, utcDayBase } from "../feed/index.ts";
import { TapeFile, type TapeFileOptions } from "../host/index.ts";
import { type BarBlock, type DepthBlock, LAST, ROW, type TapeMeta } from "../model/index.ts";
import type { HistoryBar, HistoryTrade } from "../venue/index.ts";
import type { BarFrame } from "./download-frame.ts";
import { momentText, type RowSteps } from "./download-grid.ts";
import type { DownloadHeader, DownloadPage } from "./download-journal.ts";
import type { DownloadReport } from "./download-report.ts";
import { isNumber } from "./download-trade-pager.ts";

const NS_PER_MS = 1_000_000;
const SIDES = { buy: ROW.buy, sell: ROW.sell, "": ROW.trade } as const;

/** What a tape is written from. */
export interface DownloadTape {
  readonly pages: Iterable<DownloadPage>;
  readonly header: DownloadHeader;
  readonly steps: RowSteps;
  readonly report: DownloadReport;
  /** Undefined where it is trades. */
  readonly frame: BarFrame | undefined;
}

/**
 * Writes a download's rows as a tape: bars with the time they open and the time they are over; trades with the venue's
 * time in both columns, and a gap row where numbers are missing.
 *
 * @throws `FAULT_INPUT` naming a row that is off the grid; as `TapeFile`
 */
export function writeDownload(path: string, tape: DownloadTape, options: TapeFileOptions): TapeMeta {
  const { header, steps, frame } = tape;
  const { request, market, endMs } = header;
  // The day of the first row: offsets from a day long before it would round.
  const baseNs = utcDayBase(BigInt(firstMs(tape)) * BigInt(NS_PER_MS));
  const what = frame === undefined ? "trades" : `${request.what} bars`;
  const span = `from ${momentText(request.fromMs)} to ${momentText(endMs)}`;
  const head = {
    schema: frame === undefined ? ("depth" as const) : ("bars" as const),
    instrument: steps.instrument.describe(),
    baseNs,
    source: `history of ${request.venue} ${market.symbol}: ${what} ${span}`,
    simulated: request.simulated,
  };
  const file = new TapeFile(path, head, options);
  try {
    const onBlock = (block: BarBlock | DepthBlock): void => file.write(block);
    const baseMs = Number(baseNs / BigInt(NS_PER_MS));
    const offset = (ms: number): number => (ms - baseMs) * NS_PER_MS;
    if (frame === undefined) putTrades(tape, onBlock, offset, file);
    else putBars(tape, onBlock, offset, frame);
    // Rows that came twice are the venue's paging, not the tape's content.
    const { gapCount: gaps, missing, altered, crowded, offRhythm } = tape.report;
    for (const [name, count] of Object.entries({ gaps, missing, altered, crowded, offRhythm })) {
      file.count(name, count);
    }
    return file.finish();
  } catch (error) {
    file.abort();
    throw error;
  }
}

function firstMs({ pages, header }: DownloadTape): number {
  for (const { rows } of pages) if (rows[0] !== undefined) return rows[0][0];
  return header.request.fromMs;
}

function putBars(
  { pages, steps }: DownloadTape,
  onBlock: (block: BarBlock) => void,
  offset: (ms: number) => number,
  frame: BarFrame,
): void {
  const bars = new BarRows({ onBlock });
  for (const { rows } of pages) {
    for (const row of rows as readonly HistoryBar[]) {
      const { ticks, lots } = steps.of(row);
      const [open, high, low, close] = ticks as [number, number, number, number];
      const [openNs, closeNs] = [offset(row[0]), offset(frame.after(row[0]))];
      bars.push({ openNs, closeNs, open, high, low, close, volume: lots });
    }
  }
  bars.end();
}

function putTrades(
  { pages, steps, report }: DownloadTape,
  onBlock: (block: DepthBlock) => void,
  offset: (ms: number) => number,
  file: TapeFile,
): void {
  const depth = new DepthRows({ onBlock, localFalls: "clamp" });
  let before = "";
  for (const { rows } of pages) {
    for (const row of rows as readonly HistoryTrade[]) {
      const [timeMs, , , side, id] = row;
      const ns = offset(timeMs);
      if (report.ids === "sequential" && isGap(before, id)) depth.push(ns, ns, ROW.gap | LAST, 0, 0);
      const { ticks, lots } = steps.of(row);
      depth.push(ns, ns, SIDES[side] | LAST, ticks[0] as number, lots);
      before = id;
    }
  }
  depth.end();
  file.count("timeClamped", depth.localClamped);
}

function isGap(before: string, id: string): boolean {
  return isNumber(before) && isNumber(id) && BigInt(id) - BigInt(before) > 1n;
}
