import { describe, expect, it } from "vitest";
import { sheetAssets } from "../../src/report/sheet-assets.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** The colours that a rule of the page's style sheet declares, by name. */
function palette(selector: string): ReadonlyMap<string, Colour> {
  const { css } = sheetAssets(false);
  const at = css.lastIndexOf(`${selector} {`);
  const block = css.slice(at, css.indexOf("}", at));
  const colours = new Map<string, Colour>();
  for (const [, name = "", hex = ""] of block.matchAll(/--([a-z0-9-]+): #([0-9a-f]{6});/g)) {
    const part = (from: number): number => Number.parseInt(hex.slice(from, from + 2), 16);
    colours.set(name, [part(0), part(2), part(4)]);
  }
  for (const [, name = "", red, green, blue] of block.matchAll(/--(up|down): (\d+) (\d+) (\d+);/g)) {
    colours.set(name, [Number(red), Number(green), Number(blue)]);
  }
  return colours;
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: Colour, b: Colour): number {
  const luminance = (colour: Colour): number => {
    const [red = 0, green = 0, blue = 0] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function over(top: Colour, share: number, below: Colour): Colour {
  const mix = (i: number): number => (top[i] as number) * share + (below[i] as number) * (1 - share);
  return [mix(0), mix(1), mix(2)];
}

describe.each([
  ["light", ":root"],
  ["dark", ':root[data-theme="dark"]'],
  ["print", '  :root:not([data-theme="light"])'],
])("the %s palette", (theme, selector) => {
  const colours = palette(selector);
  const of = (name: string): Colour => colours.get(name) as Colour;

  it("is readable at WCAG AA, heat cells included", () => {
    expect(colours.size).toBeGreaterThan(10);
    for (const name of ["ink", "ink-2", "buy", "sell", "link"]) {
      if (colours.has(name)) expect(contrast(of(name), of("paper")), `${theme} ${name}`).toBeGreaterThan(4.5);
    }
    expect(contrast(of("caution"), of("caution-wash"))).toBeGreaterThan(4.5);
    expect(contrast(of("line"), of("paper"))).toBeGreaterThan(3);
    for (const run of [1, 2, 3, 4])
      expect(contrast(of(`run-${run}`), of("paper")), `${theme} run ${run}`).toBeGreaterThan(4.5);
    expect(contrast(of("ink"), over(of("up"), 0.42, of("paper")))).toBeGreaterThan(4.5);
    expect(contrast(of("ink"), over(of("down"), 0.45, of("paper")))).toBeGreaterThan(4.5);
  });
});

it("the dark palette is the same whether the system or the reader asks for it", () => {
  const { css } = sheetAssets(false);
  const block = (selector: string): string => {
    const at = css.indexOf(selector) + selector.length;
    return css.slice(at, css.indexOf("}", at)).replace(/\s+/g, " ");
  };
  expect(block(':root:not([data-theme="light"]) {')).toBe(block(':root[data-theme="dark"] {'));
});
