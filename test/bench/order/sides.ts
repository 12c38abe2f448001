import { createActor, initialTransition, transition } from "xstate";
import {
  apply,
  ORDER_STATUSES,
  OrderEvent,
  OrderStateMachine,
  type OrderStatus,
  OrderStore,
  type OrderTerms,
} from "../../../src/order/index.ts";
import { columnsOf, type Life, wordsOf } from "./lives.ts";
import { type OrderContext, orderChart } from "./state-chart.ts";

/** What every side must agree on after each event. */
export interface OrderView {
  readonly status: OrderStatus;
  readonly lots: number;
  readonly ticks: number;
  readonly cum: number;
  readonly notional: number;
  readonly leaves: number;
  readonly pending: number;
}

/** One way to live a life: `live` does it once; with `look` it shows the order after each event. */
export interface Side {
  readonly live: (look?: (view: OrderView) => void) => void;
}

/** Orders that stand around while one lives, and the strategies and instruments they are spread over. */
const OTHERS = 200;
const LISTS = 20;

/** Ours: rows of an {@link OrderStore}, codes and columns. */
export function storeSide(life: Life, check?: (store: OrderStore, row: number) => void): Side {
  const store = new OrderStore({ capacity: OTHERS + 1 });
  const event = new OrderEvent();
  const terms: OrderTerms = {
    instrument: 0,
    strategy: 0,
    side: 1,
    type: 0,
    timeInForce: 0,
    flags: 0,
    priceTicks: life.ticks,
    lots: life.lots,
    expireNs: Infinity,
    createdNs: 0,
  };
  for (let i = 0; i < OTHERS; i++)
    store.open({ ...terms, strategy: i % LISTS, instrument: i % LISTS, venue: i % LISTS });
  const { n, code, execId, lots, ticks, requestId } = columnsOf(life);
  return {
    live: (look) => {
      const row = store.open(terms);
      for (let i = 0; i < n; i++) {
        event.set(code[i] as number);
        event.execId = execId[i] as number;
        event.requestId = requestId[i] as number;
        event.lastLots = lots[i] as number;
        event.lastTicks = ticks[i] as number;
        event.newLots = lots[i] as number;
        event.newTicks = ticks[i] as number;
        apply(store, row, event);
        if (check !== undefined) check(store, row);
        if (look !== undefined) look(storeView(store, row));
      }
      store.free(row);
    },
  };
}

function storeView(store: OrderStore, row: number): OrderView {
  return {
    status: ORDER_STATUSES[store.status[row] as number] as OrderStatus,
    lots: store.lots[row] as number,
    ticks: store.priceTicks[row] as number,
    cum: store.cumLots[row] as number,
    notional: store.notionalTicks[row] as number,
    leaves: store.leavesLots(row),
    pending: store.pendingCount[row] as number,
  };
}

/** Ours with words: a new {@link OrderStateMachine} a life. */
export function wordSide(life: Life): Side {
  const words = wordsOf(life);
  return {
    live: (look) => {
      const order = new OrderStateMachine({ side: "buy", lots: life.lots, priceTicks: life.ticks });
      for (const word of words) {
        order.apply(word);
        if (look !== undefined) look(wordView(order));
      }
    },
  };
}

function wordView(order: OrderStateMachine): OrderView {
  return {
    status: order.status,
    lots: order.lots,
    ticks: order.priceTicks,
    cum: order.cumLots,
    notional: order.cumLots === 0 ? 0 : Math.round(order.averageTicks * order.cumLots),
    leaves: order.leavesLots,
    pending: order.pending.length,
  };
}

/** XState's pure function, from snapshot to snapshot. */
export function pureSide(life: Life): Side {
  const input = { lots: life.lots, ticks: life.ticks };
  return {
    live: (look) => {
      let [snapshot] = initialTransition(orderChart, input);
      for (const step of life.steps) {
        [snapshot] = transition(orderChart, snapshot, step);
        if (look !== undefined) look(chartView(snapshot));
      }
    },
  };
}

/** XState's actor: `send`, and the snapshot it keeps. */
export function actorSide(life: Life): Side {
  const input = { lots: life.lots, ticks: life.ticks };
  return {
    live: (look) => {
      const actor = createActor(orderChart, { input }).start();
      for (const step of life.steps) {
        actor.send(step);
        if (look !== undefined) look(chartView(actor.getSnapshot()));
      }
      actor.stop();
    },
  };
}

function chartView(snapshot: { readonly value: unknown; readonly context: OrderContext }): OrderView {
  const { lots, ticks, cum, notional, leaves, pending } = snapshot.context;
  return {
    status: snapshot.value as OrderStatus,
    lots,
    ticks,
    cum,
    notional,
    leaves,
    pending: pending.length,
  };
}
