import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Fault } from "../base/index.ts";

/** The texts a tear sheet carries inside itself. */
export interface SheetAssets {
  /** Our style sheets, joined. */
  readonly css: string;
  /** Our client modules, joined into one script. */
  readonly js: string;
  /**
   * uPlot's script, behind one that makes it load in any language, its style sheet, and the licence that must travel
   * with them.
   */
  readonly uplotJs: string;
  readonly uplotCss: string;
  readonly uplotLicense: string;
}

const STYLES = ["page.css", "tables.css", "charts.css", "print.css"];
const MODULES = [
  "text.js",
  "palette.js",
  "theme.js",
  "fill-marks.js",
  "time-chart.js",
  "histogram-chart.js",
  "keyboard.js",
  "copy.js",
  "trades.js",
  "main.js",
];

/**
 * Reads the texts of the tear sheet from the source tree and the development dependency `uplot`. The build
 * replaces this whole module by the texts themselves (`scripts/inline-assets.ts`), so that the package needs
 * neither.
 *
 * Without charts to draw, uPlot's texts are empty.
 *
 * @throws `FAULT_PEER_MISSING` when `uplot` is needed and not installed.
 */
export function sheetAssets(interactive = true): SheetAssets {
  const require = createRequire(import.meta.url);
  const uplot = (file: string): string => {
    if (!interactive) return "";
    try {
      return readFileSync(require.resolve(`uplot/${file}`), "utf8");
    } catch (cause) {
      const expected = "`npm install --save-dev uplot`, or the option charts: static";
      throw new Fault("FAULT_PEER_MISSING", { path: "report.charts", value: "uplot", expected, cause });
    }
  };
  const client = (file: string): string => readFileSync(new URL(`./client/${file}`, import.meta.url), "utf8");
  return {
    css: STYLES.map(client).join("\n"),
    js: joinModules(MODULES.map(client)),
    uplotJs: interactive
      ? `${joinModules([client("language.js")])}\n${uplot("dist/uPlot.iife.min.js").trim()}`
      : "",
    uplotCss: uplot("dist/uPlot.min.css").trim(),
    uplotLicense: uplot("LICENSE").trim(),
  };
}

/**
 * Joins modules that import from one another only into one script: import lines and `export` are dropped, so
 * names must be unique among them.
 */
export function joinModules(modules: readonly string[]): string {
  const bodies = modules.map((text) => text.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, ""));
  return `(() => {\n"use strict";\n${bodies.join("\n")}\n})();`;
}
