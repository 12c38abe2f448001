import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instrument } from "../../src/model/index.ts";
import type { VenueOrderTerms } from "../../src/venue/index.ts";
import type { ReportFault, RequestFault } from "../../src/venue/testing.ts";
import { INSTRUMENTS, MS, VenueWorld, type VenueWorldOptions } from "../fixtures/venue-world.ts";

type Command =
  | {
      readonly do: "act";
      readonly station: number;
      readonly act: number;
      readonly argument: number;
      readonly tick: number;
    }
  | { readonly do: "print"; readonly station: number; readonly tick: number; readonly lots: number }
  | { readonly do: "quote"; readonly station: number; readonly bid: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "request"; readonly fault: RequestFault }
  | { readonly do: "reports"; readonly faults: readonly ReportFault[] }
  | { readonly do: "disconnect" | "connect" | "restart" | "forget" | "massCancel" };

const station = fc.integer({ min: 0, max: INSTRUMENTS.length - 1 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("act" as const),
      station,
      act: fc.integer({ min: 1, max: 7 }),
      argument: fc.integer({ min: 1, max: 9 }),
      tick: fc.integer({ min: 992, max: 1008 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("print" as const),
      station,
      tick: fc.integer({ min: 992, max: 1008 }),
      lots: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("quote" as const),
      station,
      bid: fc.integer({ min: 985, max: 1000 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 2, 5, 60, 400) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      fault: fc.constantFrom<RequestFault>("lost", "dropAck", "hang", "notSent", "late"),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("reports" as const),
      faults: fc.array(fc.constantFrom<ReportFault>("drop", "duplicate", "swap", "delay"), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("disconnect" as const, "connect" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("restart" as const, "forget" as const, "massCancel" as const),
    }),
  },
);

async function live(world: VenueWorld, commands: readonly Command[]): Promise<void> {
  await world.start();
  await world.clock.advance(100 * MS);
  for (const each of commands) {
    switch (each.do) {
      case "act":
        world.act(each.station, each.act, each.argument, each.tick);
        break;
      case "print":
        world.venue.print(world.link.instrument(each.station), each.tick, each.lots);
        break;
      case "quote":
        world.venue.quote(world.link.instrument(each.station), each.bid, each.bid + 25);
        break;
      case "wait":
        await world.clock.advance(each.ms * MS);
        break;
      case "request":
        world.client.requestFaults.push(each.fault);
        break;
      case "reports":
        world.client.reportFaults.push(...each.faults);
        break;
      case "restart":
        await world.kill();
        await world.start();
        break;
      case "forget":
        world.venue.forget();
        break;
      case "massCancel":
        void world.link.cancelAll(null);
        break;
      default:
        world.client[each.do]();
    }
  }
  await world.settle();
}

function check(world: VenueWorld): void {
  expect(world.failures).toEqual([]);
  expect(world.twice()).toEqual([]);
  expect(world.unknown()).toBe(0);
  const { ours, venue } = world.truth();
  expect(ours).toEqual(venue);
  expect(world.link.state).toBe("live");
  expect(world.desk.desk.breaks()).toEqual([]);
}

function property(options: VenueWorldOptions, numRuns: number): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
      const world = new VenueWorld(options);
      await live(world, commands);
      check(world);
      await world.kill();
    }),
    { numRuns },
  ) as Promise<void>;
}

describe("VenueLink against a venue that is the truth", () => {
  it("ends in the venue's orders, executions and positions, whatever is lost, repeated or cut", async () => {
    await property({}, 250);
  }, 120_000);

  it("does so where execution ids are texts without order", async () => {
    const execId = (number: number, { symbol }: Instrument): string =>
      `${symbol}-${(number * 7919).toString(16)}x`;
    await property({ venue: { execId } }, 100);
  }, 120_000);

  it("does so where a replace is a cancel and a new order, which may be rejected", async () => {
    const rejects = ({ priceTicks }: VenueOrderTerms): string | undefined =>
      priceTicks % 5 === 0 ? "no fives" : undefined;
    await property({ venue: { replaces: "cancelNew", rejects } }, 250);
  }, 120_000);
});
