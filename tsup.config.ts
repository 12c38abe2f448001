import { defineConfig } from "tsup";

/** Imported by address, not by name: tsup would copy the scripts into its own file, away from their place. */
const script = (name: string): string => new URL(`./scripts/${name}.ts`, import.meta.url).href;
const { buildEntries }: typeof import("./scripts/rooms.ts") = await import(script("rooms"));
const { inlineAssets }: typeof import("./scripts/inline-assets.ts") = await import(script("inline-assets"));

export default defineConfig({
  entry: buildEntries(),
  format: ["esm"],
  target: "node22",
  platform: "node",
  splitting: true,
  sourcemap: true,
  clean: true,
  skipNodeModulesBundle: true,
  esbuildPlugins: [inlineAssets],
});
