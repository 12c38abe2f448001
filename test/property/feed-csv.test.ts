import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OrderBook } from "../../src/book/index.ts";
import { CsvTickReader, readCsvBars, readCsvTicks } from "../../src/feed/index.ts";
import { DepthBlock, Instrument, KIND_MASK, LAST, ROW } from "../../src/model/index.ts";

const options = {
  symbol: "ABC",
  venue: "t",
  tickSize: "0.05",
  lotSize: "0.001",
  quote: { code: "USD", decimals: 8 },
} as const;
const instrument = new Instrument(options);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const time = (i: number): string => `1704153600.${String(i).padStart(9, "0")}`;

describe("a CSV file", () => {
  test("gives the same tape however it is cut into chunks", () => {
    const lines = Array.from(
      "0123456789",
      (i) => `1704153600${i.repeat(3)},10.${i === "5" ? "5" : "0"}5,${i}1,"ünï, ${i}"`,
    );
    const whole = bytes(`time,price,quantity,note\r\n${lines.join("\r\n")}\r\n`);
    const csv = { name: "x", instrument: options, holds: "trades" } as const;
    const expected = readCsvTicks(whole, csv).meta.contentSha256;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 12 }), (cuts) => {
        const blocks: DepthBlock[] = [];
        const reader = new CsvTickReader(csv, (block) => blocks.push(block));
        const places = [0, ...cuts, whole.length].sort((left, right) => left - right);
        for (const [i, to] of places.entries()) if (i > 0) reader.push(whole.subarray(places[i - 1], to));
        reader.end();
        expect(blocks[0]?.n).toBe(10);
        expect([...(blocks[0] as DepthBlock).tick.subarray(0, 10)]).toEqual(
          lines.map((_, i) => instrument.price(`10.${i === 5 ? "5" : "0"}5`)),
        );
        expect(readCsvTicks(whole, csv).meta.contentSha256).toBe(expected);
      }),
    );
  });

  test("of trades gives back prices and quantities exactly", () => {
    const trade = fc.record({
      tick: fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
      lots: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    });
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 50 }), (trades) => {
        const lines = trades.map(
          ({ tick, lots }, i) =>
            `${time(i)},${instrument.formatPrice(tick)},${instrument.formatQuantity(lots)}`,
        );
        const csv = { name: "x", instrument: options, holds: "trades" } as const;
        const block = new DepthBlock();
        readCsvTicks(bytes(`time,price,quantity\n${lines.join("\n")}`), csv).read(0, block);
        const read = trades.map((_, i) => ({ tick: block.tick[i], lots: block.lots[i] }));
        expect(read).toEqual(trades);
      }),
    );
  });

  test("of quotes leads a book through exactly these quotes", () => {
    const side = fc.option(fc.record({ step: fc.nat({ max: 5 }), lots: fc.integer({ min: 1, max: 9 }) }));
    const quote = fc.record({ bid: side, ask: side });
    fc.assert(
      fc.property(fc.array(quote, { minLength: 1, maxLength: 40 }), (quotes) => {
        const told = quotes.map(({ bid, ask }) => [
          bid === null ? null : [100 - bid.step, bid.lots],
          ask === null ? null : [101 + ask.step, ask.lots],
        ]);
        const lines = told.map((sides, i) => [time(i), ...sides.map(words)].join(","));
        fc.pre(told.some((sides) => sides.some((each) => each !== null)));
        const csv = { name: "x", instrument: options, holds: "quotes" } as const;
        const block = new DepthBlock();
        readCsvTicks(bytes(`time,bid,bidSize,ask,askSize\n${lines.join("\n")}`), csv).read(0, block);
        const changes = told.filter(
          (each, i) => JSON.stringify(each) !== JSON.stringify(told[i - 1] ?? [null, null]),
        );
        expect(touches(block)).toEqual(changes);
      }),
    );
  });

  test("of bars gives back its bars", () => {
    const day = fc.tuple(
      fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
      fc.nat({ max: 1e12 }),
    );
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 28 }), (days) => {
        const lines = days.map(([prices, volume], i) => {
          const [low, open, close, high] = [...prices]
            .sort((left, right) => left - right)
            .map((tick) => instrument.formatPrice(tick));
          return `2024-02-${String(i + 1).padStart(2, "0")},${open},${high},${low},${close},${instrument.formatQuantity(volume)}`;
        });
        const text = `time,open,high,low,close,volume\n${lines.join("\n")}`;
        const { meta } = readCsvBars(bytes(text), { name: "x", instrument: options });
        expect(meta.rows).toBe(days.length);
        const again = readCsvBars(bytes(text.replaceAll("\n", "\r\n")), { name: "x", instrument: options });
        expect(again.meta.contentSha256).toBe(meta.contentSha256);
      }),
    );
  });
});

function words(side: readonly number[] | null | undefined): string {
  if (side === null || side === undefined) return ",";
  return `${instrument.formatPrice(side[0] as number)},${instrument.formatQuantity(side[1] as number)}`;
}

/** The best bid and ask after each message. */
function touches(block: DepthBlock): (number[] | null)[][] {
  const book = new OrderBook();
  const seen: (number[] | null)[][] = [];
  for (let i = 0; i < block.n; i++) {
    const [kind, tick, lots] = [block.kind[i], block.tick[i], block.lots[i]] as [number, number, number];
    if ((kind & KIND_MASK) === ROW.bid) book.setBid(tick, lots);
    if ((kind & KIND_MASK) === ROW.ask) book.setAsk(tick, lots);
    expect(book.crossings).toBe(0);
    if ((kind & LAST) === 0) continue;
    seen.push([
      book.hasBid ? [book.bestBid, book.bestBidLots] : null,
      book.hasAsk ? [book.bestAsk, book.bestAskLots] : null,
    ]);
  }
  return seen;
}
