import { checkKeys } from "../base/index.ts";
import type { BarBlock, DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { BarCopy, DepthCopy } from "./tape-copy.ts";
import { checkMade, type TapeDraft } from "./tape-draft.ts";
import { TimeBase } from "./tape-time.ts";
import { checkWindow, type TapeWindow, windowWords } from "./tape-window.ts";

/**
 * The part of a tape between two moments.
 *
 * Depth: the messages whose first row's local time lies in the window. A slice that begins within the tape begins
 * with a snapshot of the book as it was shown then, at the window's begin, after the validity where it was not valid
 * and before the last mark price; the count `sliceRows` says how many rows that are. Bars: those that open in it.
 *
 * A level hidden behind a crossed one is not restated: where a feed crosses, books may part until it is set again.
 *
 * The tape's counts are not those of a part: a slice has its own.
 *
 * @invariant Slices that cover a tape without a gap, put together by {@link mergeTapes}, have its rows and its
 * `contentSha256`.
 * @throws `FAULT_CONFIG` naming the window's end; `FAULT_INPUT` from `writeTo` where no row lies in it
 * @cost One pass from the tape's beginning to the window's end; a book update a row before the window.
 * @example
 * ```ts
 * import { buildDraft, DepthTapeBuilder, sliceTape } from "tickwright/feed";
 * import { LAST, ROW } from "tickwright/model";
 * const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" };
 * const builder = new DepthTapeBuilder({ instrument, baseNs: 0n, source: "by hand", simulated: true });
 * builder.push(5, 10, ROW.bid, 9_999, 5);
 * builder.push(5, 10, ROW.ask | LAST, 10_001, 7);
 * builder.push(25, 30, ROW.buy | LAST, 10_001, 1);
 * const slice = buildDraft(sliceTape(builder.build(), { fromNs: 20n }));
 * [slice.meta.rows, slice.meta.counts.sliceRows, slice.meta.fromNs]; // => [4, 3, "20"]
 * ```
 */
export function sliceTape(
  source: TapeSource<DepthBlock> | TapeSource<BarBlock>,
  window: TapeWindow,
): TapeDraft {
  checkKeys("window", window, ["fromNs", "toNs"]);
  checkWindow(window);
  const { schema, instrument, simulated, baseNs } = source.meta;
  const name = `${source.meta.source}, slice${windowWords(window)}`;
  const base = new TimeBase(BigInt(baseNs));
  return {
    head: { schema, instrument, simulated, baseNs: base.epochNs, source: name },
    writeTo: (outlet) => {
      let made: DepthCopy | BarCopy;
      if (schema === "depth") {
        made = new DepthCopy(outlet, base, false);
        made.copy({ source: source as TapeSource<DepthBlock>, window });
      } else {
        made = new BarCopy(outlet, base, "openNs");
        made.copy({ source: source as TapeSource<BarBlock>, window });
      }
      made.end();
      checkMade("slice", made.rows, `rows${windowWords(window)} in ${source.meta.source}`);
    },
  };
}
