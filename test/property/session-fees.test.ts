import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CashRow } from "../../src/model/index.ts";
import type { VenueClient } from "../../src/venue/index.ts";
import type { MemoryVenueFill, ReportFault, RequestFault } from "../../src/venue/testing.ts";
import { baseFee, FeeWorld, withoutFees } from "../fixtures/fee-world.ts";
import { MS } from "../fixtures/venue-world.ts";

const RUNS = Number(process.env["TICKWRIGHT_FEE_RUNS"] ?? 60);
const station = fc.integer({ min: 0, max: 1 });
const request = fc.constantFrom<RequestFault>("lost", "dropAck", "hang", "late");
const report = fc.constantFrom<ReportFault>("drop", "duplicate", "swap", "delay");
const act = fc.record({
  ...{ do: fc.constant("act" as const), station, tick: fc.integer({ min: 992, max: 1008 }) },
  ...{ act: fc.constantFrom(1, 2, 3, 4, 5, 5, 5, 6, 7), argument: fc.integer({ min: 1, max: 9 }) },
});
const command = fc.oneof(
  { weight: 6, arbitrary: act },
  fc.record({
    ...{ do: fc.constant("print" as const), station, tick: fc.integer({ min: 992, max: 1008 }) },
    lots: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 5, 60, 400) }),
  fc.record({ do: fc.constant("request" as const), fault: request }),
  fc.record({ do: fc.constant("reports" as const), fault: report }),
  fc.record({ do: fc.constantFrom("disconnect" as const, "connect" as const, "restart" as const) }),
);

/** In the quote, the base or a third currency, by what is executed: as accounts are set up, and all at once. */
function anyFee(fill: MemoryVenueFill): CashRow | undefined {
  const kind = (fill.priceTicks + fill.lots) % 4;
  if (kind === 0) return undefined;
  if (kind === 1) return { currency: "BNB", minor: BigInt(fill.lots) * 12_345n };
  if (kind === 2) return { currency: fill.instrument.base?.code ?? "", minor: BigInt(fill.lots) * 77n };
  return baseFee(fill);
}

describe("fees in any currency", () => {
  it("leave cash in every currency as the venue has it, whatever is lost, and a replay the same books", async () => {
    const isUntold = ({ execId }: { readonly execId?: string }): boolean =>
      Number(execId?.split(":")[1]) % 2 === 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (commands) => {
        const wrap = (client: VenueClient): VenueClient => withoutFees(client, isUntold);
        const world = new FeeWorld({ venue: { feeOf: anyFee }, wrap });
        await world.start();
        await world.clock.advance(100 * MS);
        for (const each of commands) {
          if (each.do === "act") world.act(each.station, each.act, each.argument, each.tick);
          else if (each.do === "print")
            world.venue.print(world.link.instrument(each.station), each.tick, each.lots);
          else if (each.do === "wait") await world.clock.advance(each.ms * MS);
          else if (each.do === "request") world.client.requestFaults.push(each.fault);
          else if (each.do === "reports") world.client.reportFaults.push(each.fault);
          else if (each.do === "restart") {
            await world.kill();
            await world.start();
          } else world.client[each.do]();
        }
        await world.settle();
        expect(world.failures).toEqual([]);
        expect(world.desk.desk.breaks()).toEqual([]);
        const { ours, venue } = world.cash();
        expect(ours).toEqual(venue);
        expect(await world.replays()).toBe(true);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
