/** The risk gate alone, no kernel, no clock: it counts what could still execute, and a door takes nothing else. */
import { Instrument } from "tickwright/model";
import { outboundOrder } from "tickwright/port";
import { gateOrder, NO_LIMITS, RiskGate } from "tickwright/risk";

const abc = { symbol: "ABC", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD" };
const gate = new RiskGate({
  currency: "USD",
  instruments: [new Instrument(abc)],
  seats: [{ desk: "equities", account: "A1", user: "mara", strategy: "pairs" }],
  limits: [
    { level: "firm", limits: { ...NO_LIMITS, maxOrderValue: "50000", priceCollarBps: 500 } },
    { level: "account", name: "A1", limits: { maxLongLots: 100 } },
  ],
  capital: [],
  hours: "always",
  status: "trusted",
});
gate.quote(0, 9_999, 10_001, 0); // instrument 0: bid and ask in ticks, at 0 ns

const pairs = { strategy: "pairs", instrument: "ABC@XNAS", side: "buy", priceTicks: 10_000 } as const;
const approved = gate.decide({ ...pairs, lots: 60 }, 1);
if (!approved.ok) throw new Error(approved.message);
const slot = gate.lastSlot; // what reports of the order are told by
const second = gate.decide({ ...pairs, lots: 50 }, 2); // 60 may still fill, and 60 + 50 > 100
if (!second.ok) console.log(second.code, "of the", second.level, second.measured, ">", second.bound);

const order = outboundOrder();
gate.take(approved, order); // what a venue's door does, once
console.log("sent", order.lots, "at", order.priceTicks);
try {
  gate.take(approved, order);
} catch (fault) {
  console.log(String(fault));
}
gate.settlement.filled(slot, 60, 10_000, 3);
const far = { ...gateOrder(), id: 9, lots: 600, priceTicks: 11_000, displayLots: 0, slice: 0 };
for (const { code } of gate.explain(far, 4)) console.log("explained:", code);
