import { checkFunction, checkKeys, Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { CONFORMANCE_CHECKS } from "./conformance-checks.ts";
import { ConformanceRun } from "./conformance-run.ts";
import type { VenueClient } from "./venue-client.ts";

/** A client of a fresh account without orders, and what a test can do to the market around it. */
export interface ConformanceVenue {
  readonly client: VenueClient;
  readonly instrument: Instrument;
  /** Prices at which a buy rests: two that differ; and one at which it takes at once. @units ticks */
  readonly restTicks: readonly [number, number];
  readonly takeTicks: number;
  /** The quantity of one order; at least 2. @units lots */
  readonly lots: number;
  /** Someone sells into the resting buys, down to a price. @units ticks, lots */
  fill(priceTicks: number, lots: number): void | Promise<void>;
  /** Lets time go by until a condition holds, or for about a second; whether it holds. */
  until(condition: () => boolean): Promise<boolean>;
  /** The next request arrives, and its answer is lost. */
  loseAnswer?(): void;
  /** The next request is lost on its way. */
  loseRequest?(): void;
  /** The stream is cut, and can be had again. */
  cut?(): void;
  /** How often a new order of that id arrived at the venue. */
  arrivals?(clientOrderId: string): number;
  /** Ends what `make` began; the client is closed before. */
  close(): void | Promise<void>;
}

/** What {@link venueConformance} tries. */
export interface VenueConformanceOptions {
  /** Makes a client that is not open, for one check. */
  readonly make: () => ConformanceVenue | Promise<ConformanceVenue>;
}

/** One check: give `run` to a test of any framework under `name`. It throws where the client does not conform. */
export interface ConformanceCheck {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * What every adapter of `VenueClient` must do, as checks that throw. What a venue cannot do (`capabilities`), and what
 * the test cannot do to it, is passed over; the name of such a check stands in the list all the same.
 *
 * @example
 * ```ts
 * import { Instrument } from "tickwright/model";
 * import { ManualVenueClock, MemoryVenue, MemoryVenueClient, venueConformance } from "tickwright/venue/testing";
 * const instrument = new Instrument({ symbol: "ABC", venue: "mem", tickSize: "0.01", lotSize: "1", quote: "USD" });
 * const checks = venueConformance({
 *   make: () => {
 *     const clock = new ManualVenueClock();
 *     const venue = new MemoryVenue({ venue: "mem", account: "main", clock, instruments: [instrument] });
 *     venue.quote(instrument, 990, 1010);
 *     return {
 *       ...{ client: new MemoryVenueClient({ venue, clock }), instrument, lots: 4, takeTicks: 1010 },
 *       restTicks: [980, 970],
 *       fill: (priceTicks, lots) => void venue.print(instrument, priceTicks, lots),
 *       until: async (condition) => {
 *         for (let i = 0; i < 100 && !condition(); i++) await clock.advance(1_000_000);
 *         return condition();
 *       },
 *       close: () => {},
 *     };
 *   },
 * });
 * for (const check of checks) await check.run(); // it(check.name, check.run) in a test
 * checks.length > 15; // => true
 * ```
 */
export function venueConformance(options: VenueConformanceOptions): readonly ConformanceCheck[] {
  checkKeys("venueConformance", options, ["make"]);
  const { make } = options;
  checkFunction("venueConformance.make", make);
  return Object.entries(CONFORMANCE_CHECKS).map(([name, check]) => ({
    name,
    run: async () => {
      const run = new ConformanceRun(name, await make());
      try {
        await run.open();
        await check(run);
      } catch (cause) {
        if (cause instanceof Fault && cause.path?.startsWith("conformance") === true) throw cause;
        const value = cause instanceof Error ? cause.message : String(cause);
        throw new Fault("FAULT_INPUT", { path: `conformance: ${name}`, value, expected: "no fault", cause });
      } finally {
        await run.close();
      }
    },
  }));
}
