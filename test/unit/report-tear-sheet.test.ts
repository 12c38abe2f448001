import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { describe, expect, it } from "vitest";
import { formatNumber } from "../../src/report/figures.ts";
import { renderTearSheet } from "../../src/report/index.ts";
import { joinModules, sheetAssets } from "../../src/report/sheet-assets.ts";
import type { RunResult } from "../../src/run/index.ts";
import { htmlShape, textOf } from "../fixtures/html-shape.ts";
import { deepestFall, RUN_SHAPES, type RunShape, runResult } from "../fixtures/run-results.ts";

const SECTIONS = ["equity", "instruments", "returns", "orders", "money", "refusals", "quality", "manifest"];

function chartsOf(page: string): { id: string; fills?: { x: number[] } | null; x: number[] }[] {
  const data = htmlShape(page).raw.find((one) => one.text.startsWith("["));
  return JSON.parse(data?.text ?? "null");
}

describe.each(RUN_SHAPES)("the tear sheet of a run of shape %s", (shape: RunShape) => {
  const result = runResult(shape);
  const page = renderTearSheet(result);
  const parts = htmlShape(page);

  it("is one well-formed page with every section, in order", () => {
    expect(parts.faults).toEqual([]);
    const ids = parts.opened.filter((one) => one.name === "section").map((one) => one.attributes.get("id"));
    expect(ids.filter((id) => id !== undefined)).toEqual(SECTIONS);
    const all = parts.opened.map((one) => one.attributes.get("id")).filter((id) => id !== undefined);
    expect(new Set(all).size).toBe(all.length);
  });

  it("asks nothing of any network", () => {
    for (const { name, attributes } of parts.opened) {
      expect(["link", "img", "iframe", "object", "embed", "base", "form"]).not.toContain(name);
      for (const key of ["src", "srcset", "data", "action", "style"]) expect(attributes.has(key)).toBe(false);
      for (const key of attributes.keys()) expect(key.startsWith("on")).toBe(false);
      expect(attributes.get("href") ?? "#").toMatch(/^#/);
    }
    const css = parts.raw.filter((one) => one.name === "style").map((one) => one.text);
    expect(css.join()).not.toMatch(/url\(|@import|image-set/);
    const urls = [...page.matchAll(/https?:\/\/[^\s")]+/g)].map((match) => match[0]);
    expect([...new Set(urls)]).toEqual(["https://github.com/leeoniya/uPlot"]);
  });

  it("allows itself its own script and style, and nothing else", () => {
    const policy =
      parts.opened.find((one) => one.attributes.has("http-equiv"))?.attributes.get("content") ?? "";
    expect(policy).toContain("default-src &#39;none&#39;");
    expect(policy).not.toContain("unsafe");
    for (const { name, text } of parts.raw.filter((one) => !one.text.startsWith("["))) {
      const hash = createHash("sha256").update(text).digest("base64");
      expect(policy).toContain(`${name}-src &#39;sha256-${hash}&#39;`);
    }
  });

  it("has captions, headings and text alternatives", () => {
    const count = (name: string): number => parts.opened.filter((one) => one.name === name).length;
    expect(count("caption")).toBe(count("table"));
    expect(count("h1")).toBe(1);
    for (const { name, attributes } of parts.opened) {
      if (name === "svg") expect(attributes.get("aria-label")?.length).toBeGreaterThan(10);
      if (name === "th") expect(["col", "row"]).toContain(attributes.get("scope"));
      if (attributes.get("class") === "chart") expect(attributes.get("tabindex")).toBe("0");
    }
  });

  it("stays small, carries the licence and the hash, and is the same every time", () => {
    expect(page.length).toBeLessThan(1_000_000);
    expect(page.includes("Permission is hereby granted, free of charge")).toBe(true);
    expect(page.includes(`<code id="run-hash">${result.runHash}</code>`)).toBe(true);
    expect(renderTearSheet(runResult(shape)) === page).toBe(true);
    expect(textOf(page).match(/undefined|NaN|Infinity|\[object/)).toBeNull();
  });

  it("says whether its data are simulated", () => {
    expect(textOf(page).includes("SIMULATED DATA")).toBe(result.simulated);
    expect(page.includes('@top-right { content: "SIMULATED DATA"')).toBe(result.simulated);
  });
});

describe("what the tear sheet says", () => {
  it("prints the figures of the result with their units", () => {
    const result = runResult("daily");
    const text = textOf(renderTearSheet(result));
    expect(text).toContain(`Max drawdown ${formatNumber(-deepestFall(result) * 100)} %`);
    expect(text).toContain("from 1,000,000.00");
    expect(text).toContain("Missing days 3 0.0568 %");
    expect(textOf(renderTearSheet(runResult("ticks")))).toContain("Least latency 1.25 ms");
    expect(text).toContain("1 warning from the run.");
    expect(text).toContain("The last bar of 2001-09-10 was followed by a gap of 6 days.");
    for (const input of result.manifest.inputs) expect(text).toContain(input.contentSha256);
  });

  it("prints absent figures as a dash and says why", () => {
    const text = textOf(renderTearSheet(runResult("empty")));
    expect(text).toContain("Sharpe (annual) – P(true Sharpe > 0) –");
    expect(text).toContain("Hit rate – no closed trades");
    expect(text).toContain("Profit factor – no closed trades");
    expect(text).toContain("Fill rate – no orders accepted");
    expect(text).toContain("No markouts were measured.");
    expect(text).toContain("Nothing was traded");
  });

  it("marks thousands of fills and says how many it left out", () => {
    const page = renderTearSheet(runResult("ticks"));
    const marked = chartsOf(page).find((chart) => chart.id === "chart-price-0")?.fills?.x ?? [];
    expect(marked).toHaveLength(6_000);
    expect(marked).toEqual([...marked].sort((a, b) => a - b));
    const text = textOf(page);
    expect(text).toContain("Marked: 6,000 of 10,000 kept fills, evenly thinned out.");
    expect(text).toContain("Marked: 400 of 10,000 kept fills, evenly thinned out.");
    expect(text).toContain("The run kept its first 10,000 fills of 20,000.");
  });

  it("warns that a short run's ratios mean little", () => {
    expect(textOf(renderTearSheet(runResult("ticks")))).toContain(
      "The run covers 6 min: ratios scaled to a year",
    );
    expect(textOf(renderTearSheet(runResult("daily")))).not.toContain("ratios scaled to a year");
  });

  it("shows money that its items leave unexplained", () => {
    const result = runResult("daily");
    expect(textOf(renderTearSheet(result))).not.toContain("Transfers and conversions");
    const moved = { ...result, money: { ...result.money, funding: "-12.34" } };
    expect(textOf(renderTearSheet(moved))).toContain("Transfers and conversions 12.34");
  });

  it("charts eight instruments and names the others", () => {
    const result = runResult("empty");
    const series = result.samples.instruments[0] as RunResult["samples"]["instruments"][number];
    const instruments = Array.from({ length: 11 }, (_one, i) => ({ ...series, instrument: `I${i}@v` }));
    const page = renderTearSheet({ ...result, samples: { ...result.samples, instruments } });
    expect(chartsOf(page).filter((chart) => chart.id.startsWith("chart-price"))).toHaveLength(8);
    expect(textOf(page)).toContain("Without one: I8@v, I9@v, I10@v.");
  });

  it("stays below its size however long the run", () => {
    const result = runResult("empty");
    const count = 200_000;
    const ms = Array.from({ length: count }, (_at, i) => i * 1_000);
    const wave = ms.map((at, i) => 100_000 + Math.sin(at / 7e5) * 100 + ((i * 7919) % 1013) / 97);
    const one = { instrument: "A@v", price: wave, position: wave };
    const samples = { periodNs: 1e9, ms, equity: wave, exposure: wave, instruments: new Array(8).fill(one) };
    const toNs = String(BigInt(result.fromNs) + 200_000_000_000_000n);
    const page = renderTearSheet({ ...result, toNs, samples });
    expect(page.length).toBeLessThan(2_000_000);
    expect(textOf(page)).toContain("The charts draw at most 6,000 points a line, 1,500 for one instrument");
  });

  it("leaves scripts of charts out when asked to", () => {
    const page = renderTearSheet(runResult("daily"), { charts: "static" });
    expect(page.includes("var uPlot")).toBe(false);
    expect(page.includes("Permission is hereby granted")).toBe(false);
    expect(chartsOf(page)).toEqual([]);
    expect(htmlShape(page).faults).toEqual([]);
    expect(page.includes("<svg")).toBe(true);
  });
});

describe("what the tear sheet refuses", () => {
  const result = runResult("empty");

  it("survives a run without samples, inputs or money", () => {
    const bare: RunResult = {
      ...result,
      toNs: result.fromNs,
      manifest: { ...result.manifest, inputs: [], strategies: [], models: {}, cash: {} },
      money: { ...result.money, initialEquity: "0", finalEquity: "0" },
      positions: [],
      samples: { periodNs: 1e9, ms: [], equity: [], exposure: [], instruments: [] },
      stats: {},
    };
    const page = renderTearSheet(bare);
    expect(htmlShape(page).faults).toEqual([]);
    expect(textOf(page)).toContain("Fewer than two samples: no curve.");
    const samples = {
      periodNs: 1e9,
      ms: [0, 1e9, 2e9],
      equity: [0, -5, 5],
      exposure: [0, 1, 1],
      instruments: [],
    };
    expect(textOf(renderTearSheet({ ...bare, samples }))).toContain("The run began without equity");
  });

  it.each([
    [
      "another schema",
      { ...result, schema: "tickwright.run/2" } as unknown as RunResult,
      "FAULT_INPUT result.schema",
    ],
    [
      "columns that differ in length",
      { ...result, samples: { ...result.samples, exposure: [1] } },
      "FAULT_INPUT samples.exposure.length",
    ],
    ["a moment that is none", { ...result, toNs: "soon" }, "FAULT_INPUT toNs"],
  ])("%s", (_what, wrong, message) => {
    expect(() => renderTearSheet(wrong)).toThrow(message);
  });

  it("options it does not know", () => {
    expect(() => renderTearSheet(result, { chart: "static" } as never)).toThrow("FAULT_CONFIG tearSheet");
    expect(() => renderTearSheet(result, { charts: "moving" as never })).toThrow(
      "FAULT_CONFIG tearSheet.charts",
    );
  });
});

describe("the page's script", () => {
  it("is one script that parses, with nothing left of its modules", () => {
    const { js, uplotJs } = sheetAssets();
    expect(() => new Script(js)).not.toThrow();
    expect(() => new Script(`${uplotJs}\n${js}`)).not.toThrow();
    expect(js).not.toMatch(/^(import|export) /m);
    expect(js).not.toMatch(/<\/script|\b(fetch|XMLHttpRequest|WebSocket|sendBeacon|innerHTML|eval)\b/);
    expect(joinModules(['import { a } from "./a.js";\nexport function b() {}\n'])).toBe(
      '(() => {\n"use strict";\nfunction b() {}\n\n})();',
    );
  });

  it.each(["en-US", "de", "C", "en_US", "", undefined])(
    "draws in a browser whose language is %j",
    (language) => {
      const asked: string[] = [];
      class NumberFormat extends Intl.NumberFormat {
        constructor(tag?: string) {
          super(tag);
          asked.push(String(tag));
        }
      }
      class Navigator {
        get language() {
          return language;
        }
      }
      const page = {
        ...{
          window: { addEventListener() {}, dispatchEvent() {} },
          document: {},
          navigator: new Navigator(),
        },
        ...{ devicePixelRatio: 1, matchMedia: () => ({ addEventListener() {} }), CustomEvent: Event },
        Intl: { ...Object.fromEntries([["DateTimeFormat", Intl.DateTimeFormat]]), NumberFormat },
      };
      new Script(sheetAssets().uplotJs).runInNewContext(page);
      expect(typeof Reflect.get(page, "uPlot")).toBe("function");
      const isTag = language === "en-US" || language === "de" || language === undefined;
      expect(asked.at(-1)).toBe(isTag ? String(language) : "en-US");
    },
  );

  it("prints numbers as the page does", async () => {
    const url = new URL("../../src/report/client/text.js", import.meta.url).href;
    const client: { numberText(value: number | null, decimals: number): string } = await import(url);
    for (const value of [0, -0, 1, -1, 1234.567, -1234567.891, 0.004, -0.004, 99999.995, null]) {
      for (const decimals of [0, 2, 5]) {
        expect(client.numberText(value, decimals)).toBe(formatNumber(value, decimals));
      }
    }
  });
});
