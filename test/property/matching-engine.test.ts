import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MatchingBook, MatchingEngine, type MatchOrder } from "../../src/match/index.ts";
import { aimed, type MatchCommand, matchCommand, matchOptions } from "../fixtures/matching-commands.ts";
import { onBook } from "../fixtures/matching-pair.ts";

const NAMES = ["ABC", "DEF", "XYZ"] as const;
type Name = (typeof NAMES)[number];
const AS = ["submit", "list", "cancel", "replace", "advance", "turn", "cancelAll"];

/** A command to the engine, where it has that command for an instrument; what it answered. */
function onEngine(engine: MatchingEngine, name: Name, step: MatchCommand): unknown {
  switch (step.kind) {
    case "submit":
      return engine.submit(name, step.order)?.code;
    case "list":
      return engine.submitList(name, step.list)?.code;
    case "cancel":
      return engine.cancel(name, step.id)?.code;
    case "replace":
      return engine.replace(name, step.id, step.terms)?.code;
    case "advance":
      return engine.advance(step.now)?.code;
    case "turn":
      return engine.turn(step.phase)?.code;
    case "cancelAll":
      return engine.cancelAll(step.owner);
    default:
      return onBook(engine.book(name), step);
  }
}

function alone(books: Readonly<Record<Name, MatchingBook>>, name: Name, step: MatchCommand): unknown {
  if (step.kind === "cancelAll") {
    return NAMES.reduce((sum, each) => sum + books[each].cancelAll(step.owner), 0);
  }
  if (step.kind !== "advance" && step.kind !== "turn") return onBook(books[name], step);
  return NAMES.map((each) => onBook(books[each], step)).find((code) => code !== undefined);
}

describe("a matching engine", () => {
  it("is a book for each instrument by one clock, also behind a save", () => {
    let traded = 0;
    const steps = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 0 })), { minLength: 100, maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(1_000_000), steps, fc.nat(99), (seed, all, savedAt) => {
        const options = { ABC: matchOptions(seed), DEF: matchOptions(seed + 1), XYZ: matchOptions(seed + 2) };
        let engine = new MatchingEngine({ instruments: options });
        const books = {
          ABC: new MatchingBook(options.ABC),
          DEF: new MatchingBook(options.DEF),
          XYZ: new MatchingBook(options.XYZ),
        };
        for (const [i, [which, draw]] of all.entries()) {
          const name = NAMES[which] as Name;
          const step = aimed(matchCommand(draw), []);
          expect(onEngine(engine, name, step)).toBe(alone(books, name, step));
          const isOfAll = step.kind === "advance" || step.kind === "turn" || step.kind === "cancelAll";
          if (AS.includes(step.kind)) {
            const events = (isOfAll ? NAMES : [name]).flatMap((instrument) =>
              books[instrument].events.list().map((event) => ({ instrument, ...event })),
            );
            // Time that goes back is refused before any book is asked.
            if (step.kind !== "advance" || step.now >= engine.nowNs) expect(engine.events()).toEqual(events);
            traded += events.filter(({ kind }) => kind === "traded").length;
          }
          if (i !== savedAt) continue;
          const saved = JSON.parse(JSON.stringify(engine.save())) as ReturnType<MatchingEngine["save"]>;
          engine = MatchingEngine.restore(saved, { instruments: options });
        }
        for (const each of NAMES) expect(engine.book(each).stateHash()).toBe(books[each].stateHash());
      }),
      { numRuns: 100 },
    );
    expect(traded).toBeGreaterThan(200);
  });
});

describe("a matching engine that is asked for what it has not", () => {
  const order: MatchOrder = { id: 1, side: "buy", lots: 1, priceTicks: 100 };

  it("refuses with a code, and nothing changes", () => {
    const engine = new MatchingEngine({ instruments: { ABC: {}, XYZ: {} } });
    engine.submit("ABC", order);
    engine.advance(1_000);
    const hash = engine.stateHash();
    const refused = [
      engine.submit("NONE", order),
      engine.submitList("NONE", { orders: [] }),
      engine.cancel("XYZ", 1),
      engine.replace("NONE", 1, { lots: 2 }),
      engine.advance(999),
      engine.advance(Number.NaN),
      engine.submit("ABC", { ...order, lots: 0 }),
    ].map((each) => each?.code);
    expect(refused).toEqual([
      ...["MATCH_INSTRUMENT_UNKNOWN", "MATCH_INSTRUMENT_UNKNOWN", "MATCH_UNKNOWN_ORDER"],
      ...["MATCH_INSTRUMENT_UNKNOWN", "MATCH_ORDER_INVALID", "MATCH_ORDER_INVALID", "MATCH_ORDER_INVALID"],
    ]);
    expect([engine.stateHash(), engine.events()]).toEqual([hash, []]);
    expect(() => engine.book("NONE")).toThrow(/FAULT_INPUT matchingEngine\.instrument/);
  });

  it("is not made of nothing, nor restored from another", () => {
    const made = (instruments: unknown) => () => new MatchingEngine({ instruments } as never);
    expect(made({})).toThrow(/FAULT_CONFIG matchingEngine\.instruments/);
    expect(made({ ABC: { seed: -1 } })).toThrow(/FAULT_CONFIG match\.seed/);
    expect(made(undefined)).toThrow(/FAULT_CONFIG matchingEngine/);
    const saved = new MatchingEngine({ instruments: { ABC: {} } }).save();
    const other = { instruments: { XYZ: {} } };
    expect(() => MatchingEngine.restore(saved, other)).toThrow(/FAULT_INPUT matchingEngine\.saved\.books/);
    const old = { ...saved, version: 2 } as never;
    expect(() => MatchingEngine.restore(old, other)).toThrow(/FAULT_INPUT matchingEngine\.saved\.version/);
  });
});
