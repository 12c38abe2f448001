import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  OrderEvent,
  OrderStore,
  restoreOrders,
  snapshotOrders,
} from "../../src/order/index.ts";
import { anyKind, likelyEvents, stateOf, terms, write } from "./order-arbitrary.ts";
import type { OracleEvent } from "./order-oracle.ts";

const CAPACITY = 5;

type Command =
  | { readonly op: "open"; readonly strategy: number; readonly kind: { type: number; timeInForce: number } }
  | { readonly op: "free"; readonly pick: number }
  | { readonly op: "event"; readonly pick: number; readonly event: OracleEvent };

const opening = fc.record({
  op: fc.constant("open" as const),
  strategy: fc.integer({ min: 0, max: 2 }),
  kind: anyKind,
});
const freeing = fc.record({ op: fc.constant("free" as const), pick: fc.nat(CAPACITY - 1) });

/** Lives of several orders, mixed, with rows freed and used again between them. */
const commands: fc.Arbitrary<Command[]> = fc
  .tuple(fc.array(likelyEvents, { minLength: 2, maxLength: 4 }), fc.array(fc.oneof(opening, freeing)))
  .chain(([lives, others]) => {
    const events = lives.flatMap((life, pick) =>
      life.map((event) => ({ op: "event" as const, pick, event })),
    );
    const all: Command[] = [...events.sort((a, b) => a.event.day - b.event.day), ...others];
    return fc.tuple(
      fc.array(opening, { minLength: 2, maxLength: CAPACITY }),
      fc.shuffledSubarray(all, { minLength: Math.floor(all.length / 2) }),
    );
  })
  .map(([first, rest]) => [...first, ...rest]);

/** Carries a command out and says all that can be seen of it. */
function run(store: OrderStore, event: OrderEvent, command: Command): unknown {
  if (command.op === "open") {
    const row = store.open({ ...terms(24, 1, command.strategy), ...command.kind, flags: 515, stopTicks: -7 });
    if (row >= 0) apply(store, row, event.set(ORDER_EVENT.submit));
    return row;
  }
  if (command.op === "free") return store.free(command.pick);
  const outcome = apply(store, command.pick, write(event, command.event, store, command.pick));
  return [outcome, event.bookedLots, event.bookedTicks, event.undoneLots, event.undoneTicks];
}

function everything(store: OrderStore): unknown {
  const rows = Array.from({ length: CAPACITY }, (_, row) => row).filter((row) => store.id[row] !== 0);
  return {
    size: store.size,
    nextId: store.nextId,
    nextRow: store.nextRow,
    rows: rows.map((row) => [row, store.id[row], store.flags[row], stateOf(store, row)]),
    broken: rows.flatMap((row) => checkInvariants(store, row)),
  };
}

describe("a snapshot", () => {
  it("taken anywhere and restored goes on as the store would have, and is equal byte for byte", () => {
    const event = new OrderEvent();
    fc.assert(
      fc.property(commands, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const store = new OrderStore({ capacity: CAPACITY, maxExecutions: 512 });
        const cut = Math.floor(part * all.length);
        for (const command of all.slice(0, cut)) run(store, event, command);
        const bytes = snapshotOrders(store);
        const again = restoreOrders(bytes);
        expect(snapshotOrders(again)).toEqual(bytes);
        expect(everything(again)).toEqual(everything(store));
        for (const command of all.slice(cut)) {
          expect(run(again, event, command)).toEqual(run(store, event, command));
          expect(everything(again)).toEqual(everything(store));
        }
        expect(snapshotOrders(again)).toEqual(snapshotOrders(store));
      }),
      { numRuns: 150 },
    );
  });

  it("with any one bit turned is refused", () => {
    const event = new OrderEvent();
    fc.assert(
      fc.property(commands, fc.nat(), (all, at) => {
        const store = new OrderStore({ capacity: CAPACITY });
        for (const command of all) run(store, event, command);
        const bytes = snapshotOrders(store);
        const bit = at % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(() => restoreOrders(bytes)).toThrow("FAULT_INPUT orderSnapshot.checksum");
      }),
      { numRuns: 100 },
    );
  });
});
