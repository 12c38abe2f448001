/** The kill switch alone: it latches, cancels at two venues of which one is dead, and reports what is unknown. */
import { KillAuthority, KillLatch, KillScopes, KillSwitch, type OrderRef } from "tickwright/risk";

let nowNs = 100;
const open = { A: new Set<OrderRef>(["a1", "a2"]), B: new Set<OrderRef>(["b1"]) };
const venue = (name: "A" | "B") => ({
  name,
  cancel(ref: OrderRef): void {
    if (name === "B") throw new Error("no connection");
    open[name].delete(ref);
    kill.onCancelConfirmed(name, ref, nowNs);
  },
  queryOpenOrders(requestId: number): void {
    if (name === "A") kill.onOpenOrders(name, requestId, open[name], nowNs);
  },
});
const order = (venueName: string, ref: string) => ({ venue: venueName, ref, aggressiveness: 0, openedNs: 1 });
const times = { retryNs: 5, queryNs: 5, inFlightNs: 5, escalateNs: 40, requestNs: 99 };
const pace = { cancelsPerStep: 9, roundsMax: 3, ...times };
const scopes = new KillScopes({ venue: ["A", "B"] });
const kill: KillSwitch = new KillSwitch({
  latch: new KillLatch(scopes.size), // share its buffer with every gate
  scopes,
  authority: new KillAuthority(scopes, [{ who: "rob", role: "riskManager" }]),
  store: { save: ({ latched }) => console.log("saved:", latched.length, "latched") },
  venues: [venue("A"), venue("B")],
  orders: { open: () => [order("A", "a1"), order("A", "a2"), order("B", "b1")], includes: () => true },
  pace,
  onRecord: () => undefined, // an audit trail goes here
});
kill.activate({ who: "rob", channel: "gui", scope: null, level: 2, reason: "runaway" }, nowNs);
for (nowNs = 101; nowNs < 160; nowNs += 10) kill.step(nowNs);
for (const { venue: name, requested, confirmed, unknown, escalated } of kill.report(null)?.venues ?? [])
  console.log(name, { requested, confirmed, unknown, escalated });
const answer = kill.requestReenable({ who: "rob", channel: "gui", scope: null, reason: "over" }, nowNs);
console.log(answer.ok ? "may be lifted" : answer.code);
