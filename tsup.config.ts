import { defineConfig } from "tsup";
import { buildEntries } from "./scripts/rooms.ts";

export default defineConfig({
  entry: buildEntries(),
  format: ["esm"],
  target: "node22",
  platform: "node",
  splitting: true,
  sourcemap: true,
  dts: true,
  clean: true,
  skipNodeModulesBundle: true,
});
