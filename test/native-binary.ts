import { buildQuietly, isStale } from "../scripts/build-native.ts";

/**
 * Before any test: the native binary of this checkout, built where a source is newer. Without a compiler the tests of
 * native bodies say so and are left out; on CI that is a failure.
 */
export function setup(): void {
  if (!isStale()) return;
  const { code, output } = buildQuietly(false);
  if (code === 0) return;
  const last = output.trimEnd().split("\n").slice(-12).join("\n");
  if (process.env.CI !== undefined) throw new Error(`the native binary was not built:\n${last}`);
  process.stderr.write(`no native binary, so its tests are left out:\n${last}\n`);
}
