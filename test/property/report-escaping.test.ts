import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareRuns, renderComparison, renderTearSheet } from "../../src/report/index.ts";
import { escapeHtml, html, scriptJson, visibleText } from "../../src/report/markup.ts";
import type { RunResult } from "../../src/run/index.ts";
import { htmlShape } from "../fixtures/html-shape.ts";
import { runResult } from "../fixtures/run-results.ts";

const HOSTILE = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "</script>",
        "<script>alert(1)</script>",
        "</SCRIPT ",
        "<!--",
        "-->",
        "]]>",
        "<img src=x onerror=alert(1)>",
        '"',
        "'",
        "`",
        '" onmouseover="alert(1)',
        "</style>",
        "</title>",
        "</textarea>",
        "&lt;",
        "&#60;",
        "\u2028",
        "\u2029",
        "\u202e",
        "\ud800",
        "\0",
        "$" + "{1}",
        "__proto__",
        "constructor",
        "<",
        ">",
        "&",
      ),
      fc.string({ unit: "grapheme", maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(""));

/** Puts one text into every place of a result that a user, a venue or a file can fill. */
function withText(text: string): RunResult {
  const base = runResult("losing");
  const [series] = base.samples.instruments;
  const [position] = base.positions;
  const [input] = base.manifest.inputs;
  const kept = base.fills.kept.slice(0, 20).map((fill) => ({ ...fill, instrument: text, reason: text }));
  const named = <Value>(value: Value): Record<string, Value> => Object.fromEntries([[text, value]]);
  return {
    ...base,
    name: text,
    currency: text,
    runHash: text,
    environment: { node: text, platform: text, elapsedMs: 1 },
    manifest: {
      version: text,
      seed: 1,
      strategies: [{ name: text, params: named([text]) }],
      inputs:
        input === undefined
          ? []
          : [{ ...input, instrument: text, source: text, contentSha256: text, counts: named(3) }],
      models: named(named(text)),
      risk: {
        ...named(text),
        currency: text,
        seats: [named(text)],
        capital: [{ level: text, name: text, amount: text }],
        limits: [{ level: text, name: text, limits: { maxOrderLots: text, maxOrderValue: text } }],
      },
      cash: named(text),
    },
    positions:
      position === undefined ? [] : [{ ...position, instrument: text, realized: text, quantity: text }],
    samples: {
      ...base.samples,
      instruments: series === undefined ? [] : [{ ...series, instrument: text }],
    },
    orders: { ...base.orders, refusals: named(37) },
    fills: { ...base.fills, reasons: named(20), kept },
    stats: { ...base.stats, [`x${text}`]: 1 },
    warnings: [text],
    drill: drillWith(text),
  };
}

/** Two fills, two orders and a trade whose names are one text. */
function drillWith(text: string): NonNullable<RunResult["drill"]> {
  const market = { before: null, after: null, quotes: [], prints: [], hasAllPrints: true, bars: [] };
  const names = { instrument: text, side: "buy" } as const;
  const fill = {
    ...names,
    orderId: 1,
    exchNs: "5",
    ns: "6",
    price: 1,
    quantity: 1,
    maker: true,
    reason: text,
    fee: 0,
    market,
  };
  const order = {
    ...names,
    id: 1,
    strategy: text,
    quantity: 1,
    filled: 1,
    price: null,
    submittedNs: "1",
    replaced: 0,
  };
  const times = {
    arrivedNs: null,
    ackNs: null,
    firstFillNs: null,
    cancelNs: null,
    endNs: null,
    end: "open",
  } as const;
  const trade = {
    ...names,
    number: 1,
    openedNs: "5",
    closedNs: null,
    quantity: 1,
    realized: 0,
    fees: 0,
    fillCount: 1,
    fills: [0],
  };
  return {
    ...{ schema: "tickwright.drill/1", levels: 5, beforeNs: 1, afterNs: 1 },
    ...{ trades: [trade], fills: [fill], orders: [{ ...order, ...times }], timings: [], queue: null },
    counts: { fills: 1, trades: 1, keptFills: 1, orders: 1, keptOrders: 1 },
  };
}

describe("text from outside", () => {
  it("never becomes markup: the page's elements and attributes stay the same", () => {
    const calm = htmlShape(renderTearSheet(withText("calm"), { charts: "static" })).skeleton;
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const page = renderTearSheet(withText(text), { charts: "static" });
        const shape = htmlShape(page);
        expect(shape.faults).toEqual([]);
        expect(shape.skeleton).toEqual(calm);
        expect(page).not.toMatch(/[\u2028\u2029\u202e\0]/);
      }),
      { numRuns: 40 },
    );
  });

  it("never becomes markup of a comparison, where names, notices and manifests print", () => {
    const page = (text: string): string =>
      renderComparison(compareRuns([withText(text), runResult("losing"), withText(text)], { resamples: 10 }));
    const calm = htmlShape(page("calm")).skeleton;
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const shape = htmlShape(page(text));
        expect(shape.faults).toEqual([]);
        expect(shape.skeleton).toEqual(calm);
        expect(/[\u2028\u2029\u202e\0]/.exec(page(text))).toBeNull();
      }),
      { numRuns: 15 },
    );
  });

  it("never ends the script that carries the charts' data, and arrives there unchanged", () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const shape = htmlShape(renderTearSheet(withText(text)));
        expect(shape.faults).toEqual([]);
        const charts: { id: string; fills?: { reasons: string[] } }[] = JSON.parse(
          shape.raw[1]?.text ?? "null",
        );
        const price = charts.find((chart) => chart.id === "chart-price-0");
        expect(price?.fills?.reasons).toEqual([text.toWellFormed() === text ? text : expect.any(String)]);
      }),
      { numRuns: 15 },
    );
  });

  it("is escaped so that a browser reads the same text back", () => {
    const read = (escaped: string): string =>
      escaped
        .replace(/&lt;/g, "<")
        .replace(/&gt;/g, ">")
        .replace(/&quot;/g, '"')
        .replace(/&#39;/g, "'")
        .replace(/&#96;/g, "`")
        .replace(/&amp;/g, "&");
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"'`]/);
        expect(read(escaped)).toBe(visibleText(text));
        expect(html`<b>${text}</b>`.toString()).toBe(`<b>${escaped}</b>`);
      }),
    );
  });

  it("survives JSON in a script", () => {
    fc.assert(
      fc.property(fc.jsonValue(), HOSTILE, (value, text) => {
        const json = scriptJson([value, text]);
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, text])));
      }),
    );
  });
});
