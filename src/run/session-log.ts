import type { StrategyLine } from "../kernel/index.ts";
import type { Logger } from "../port/index.ts";

/**
 * Gives the lines of strategies to a logger: a session's watcher, a replay's, or for the event `log` of a backtester.
 * Each line has the strategy's name and `ns` of its turn from the base, `baseNs` added where it is given.
 *
 * A recovery makes the lines of what it replays again: give `isReplaying`, and they carry `replayed: true`.
 *
 * @invariant What the logger throws stops nothing.
 * @example
 * ```ts
 * import { memoryLogger } from "tickwright/host";
 * import { strategyLog } from "tickwright/run";
 * const { logger, lines } = memoryLogger();
 * const watcher = strategyLog(logger);
 * watcher.logged({ strategy: "maker", level: "warn", words: "no quote", ns: 5 });
 * lines[0]?.fields; // => { strategy: "maker", ns: 5 }
 * ```
 */
export function strategyLog(
  logger: Logger,
  options: { readonly baseNs?: bigint; readonly isReplaying?: () => boolean } = {},
): { logged(line: StrategyLine): void } {
  const { baseNs, isReplaying } = options;
  return {
    logged({ strategy, level, words, ns }) {
      try {
        if (!logger.isEnabled(level)) return;
        const at = baseNs === undefined ? ns : baseNs + BigInt(Math.trunc(ns));
        logger.log(level, words, { strategy, ns: at, ...(isReplaying?.() === true && { replayed: true }) });
      } catch {
        // A logger counts what it loses; one that throws is none, and trading goes on.
      }
    },
  };
}
