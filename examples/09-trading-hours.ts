/** Trading hours: sessions by rules, a half day, and a cursor that answers for every order, on a clock that may be off. */
import { PHASES, PhaseCursor, tradingCalendar } from "tickwright/calendar";
import { formatNanos, Instrument } from "tickwright/model";
import { NO_LIMITS, RiskGate } from "tickwright/risk";

const calendar = tradingCalendar("NYSE");
for (const { date, closeNs, isHalfDay } of calendar.sessionsBetween("2024-11-27", "2024-12-02"))
  console.log(date, "closes", formatNanos(closeNs).slice(11, 16), isHalfDay ? "(half day)" : "");
console.log("2024-11-28:", calendar.holidayName("2024-11-28"));

const baseNs = calendar.sessionOf("2024-11-29")?.openNs ?? 0n;
const hours = new PhaseCursor({ calendar, baseNs, uncertaintyNs: 1_000_000 });
const minute = 60e9;
for (const at of [-minute, 0, minute, 209 * minute, 211 * minute])
  console.log(at / minute, "minutes after the open:", PHASES[hours.phaseAt(at)]);

const gate = new RiskGate({
  currency: "USD",
  instruments: [
    new Instrument({ symbol: "ABC", venue: "XNYS", tickSize: "0.01", lotSize: "1", quote: "USD" }),
  ],
  seats: [{ desk: "equities", account: "A1", user: "mara", strategy: "pairs" }],
  limits: [{ level: "firm", limits: NO_LIMITS }],
  capital: [],
  hours: { "ABC@XNYS": hours }, // the cursor is what the gate asks
  status: "trusted",
});
const order = {
  strategy: "pairs",
  instrument: "ABC@XNYS",
  side: "buy",
  lots: 1,
  priceTicks: 10_000,
} as const;
for (const at of [minute, 211 * minute]) {
  gate.quote(0, 9_999, 10_001, at);
  const answer = gate.decide(order, at);
  console.log(at / minute, answer.ok ? "approved" : answer.code);
}
