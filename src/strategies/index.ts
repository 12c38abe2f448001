export { GridMaker, type GridMakerOptions } from "./grid-maker.ts";
