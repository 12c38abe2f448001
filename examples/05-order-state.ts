/** One order's life, out of order: the fill comes before its acknowledgement, and again, and all stays true. */
import { OrderStateMachine } from "tickwright/order";

const order = new OrderStateMachine({ side: "buy", priceTicks: 10_000, lots: 10 });
order.apply({ type: "submit" });
order.apply({ type: "trade", execId: "x1", priceTicks: 10_000, lots: 4 });
order.apply({ type: "ack" });
order.apply({ type: "trade", execId: "x1", priceTicks: 10_000, lots: 4 });
console.log(order.status, order.cumLots, order.leavesLots);
