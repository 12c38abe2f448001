import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { type LocalView, reconcile, type VenueSnapshot } from "../../src/recon/index.ts";
import { fill, localOrder, localView, OPTIONS, snapshot, venueOrder } from "../unit/recon-rows.ts";

/** What a field may be, or must not be. */
const VALUES: readonly unknown[] = [
  ...["", "x", "buy", "sell", "open", "pendingNew", "filled", "canceled", "rejected", "expired", "USD"],
  ...["x".repeat(256), "x".repeat(257), "12", "-3", "01", "1.5", 1n, -2n, true, false, null, undefined],
  ...[0, -0, 1, -1, 5, 0.5, 1e9, 2 ** 31, 2 ** 53, -(2 ** 53), Number.NaN, Infinity, -Infinity],
  ...[[], ["a"], ["a", "b"], ["a", ""], ["a", 1], [""], new Array(1), {}, Object.create({ currency: "USD" })],
  ...[
    { currency: "USD", minor: 1n },
    { currency: "USD", minor: "01" },
    { currency: "", minor: "1" },
  ],
  ...[{ currency: "USD", minor: "7" }, { currency: "USD", minor: 1n, more: 1 }, { currency: "USD" }],
  ...[[{ kind: "cancel", clientOrderId: "r", sentNs: 1 }], [{ kind: "cancel" }], [null]],
];

const FIELDS = [
  ...["execId", "orderId", "clientOrderId", "originalClientOrderId", "clientOrderIds", "instrument", "side"],
  ...["priceTicks", "lots", "cumLots", "state", "venueNs", "venueSeq", "cash", "fee", "isBusted", "sentNs"],
  ...["updatedNs", "updatedSeq", "isUnknown", "requests", "price", "toString"],
];

const changes = fc.array(fc.tuple(fc.constantFrom(...FIELDS), fc.constantFrom(...VALUES)), {
  maxLength: 4,
});
const drops = fc.array(fc.constantFrom(...FIELDS), { maxLength: 2 });

/** A row with some fields otherwise and some gone. */
function changed<Row extends object>(
  row: Row,
  parts: readonly (readonly [string, unknown])[],
  gone: readonly string[],
): Row {
  const fields = { ...row, ...Object.fromEntries(parts) } as Record<string, unknown>;
  for (const name of gone) delete fields[name];
  return fields as Row;
}

/** The same row, of which nothing is known at a glance: only the rules of its shape look at it. */
function bare<Row extends object>(row: Row): Row {
  return Object.assign(Object.create(null), row) as Row;
}

function verdict(local: LocalView, venue: VenueSnapshot): unknown {
  try {
    const found = reconcile(local, venue, OPTIONS);
    return isRefusal(found) ? [found.code, found.message] : "sound";
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

describe("rows that are sound at a glance", () => {
  it("are those that the rules of their shape let through, of both sides", () => {
    let sound = 0;
    fc.assert(
      fc.property(changes, drops, fc.nat(3), (parts, gone, which) => {
        const glanced = viewsOf(which, (row) => changed(row, parts, gone));
        const ruled = viewsOf(which, (row) => bare(changed(row, parts, gone)));
        const said = verdict(...glanced);
        if (said === "sound") sound += 1;
        expect(said).toEqual(verdict(...ruled));
      }),
      { numRuns: 3000 },
    );
    expect(sound).toBeGreaterThan(100);
  });
});

type Change = <Row extends object>(row: Row) => Row;

function viewsOf(which: number, change: Change): [LocalView, VenueSnapshot] {
  if (which === 0) return [localView({ fills: [change(fill())] }), snapshot({})];
  if (which === 1) return [localView({ orders: [change(localOrder())] }), snapshot({})];
  if (which === 2) return [localView({}), snapshot({ fills: [change(fill())] })];
  return [localView({}), snapshot({ orders: [change(venueOrder())] })];
}
