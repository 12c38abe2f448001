import { joinModules, sheetAssets } from "../src/report/sheet-assets.ts";

/** The part of esbuild's plugin interface that is used here. */
interface Build {
  onLoad(
    options: { filter: RegExp },
    load: () => { contents: string; loader: "js"; watchFiles?: string[] },
  ): void;
}

/**
 * Replaces `src/report/sheet-assets.ts` by a module that holds the texts it would read: the built package
 * then needs neither its source tree nor `uplot` to make a tear sheet.
 */
export const inlineAssets = {
  name: "inline-assets",
  setup(build: Build): void {
    build.onLoad({ filter: /[\\/]report[\\/]sheet-assets\.ts$/ }, () => ({
      contents: [
        `const ASSETS = ${JSON.stringify(sheetAssets())};`,
        'const STILL = { ...ASSETS, uplotJs: "", uplotCss: "", uplotLicense: "" };',
        "export function sheetAssets(interactive = true) { return interactive ? ASSETS : STILL; }",
        `export ${joinModules.toString()}`,
      ].join("\n"),
      loader: "js",
    }));
  },
};
