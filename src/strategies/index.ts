export { AvellanedaStoikovMaker, type AvellanedaStoikovMakerOptions } from "./avellaneda-stoikov-maker.ts";
export { CrossVenueArbitrage, type CrossVenueArbitrageOptions } from "./cross-venue-arbitrage.ts";
export { GridMaker, type GridMakerOptions } from "./grid-maker.ts";
export { MeanReversion, type MeanReversionOptions } from "./mean-reversion.ts";
export { MovingAverageMomentum, type MovingAverageMomentumOptions } from "./moving-average-momentum.ts";
export type { PositionMode } from "./position-target.ts";
