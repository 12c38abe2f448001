/** Loaded with `--import`: puts the Map-based book in the place of the ladder, for the bench's comparison. */
import { registerHooks } from "node:module";

const LADDER = new URL("../../src/book/order-book.ts", import.meta.url).href;
const MAP_BOOK = new URL("./alternatives/map-order-book.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const wanted = found.url === LADDER && context.parentURL !== MAP_BOOK;
    return wanted ? { ...found, url: MAP_BOOK } : found;
  },
});
