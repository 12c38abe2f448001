import { assign, createMachine } from "xstate";
import {
  ORDER_STATUSES,
  type OrderEventName,
  type OrderStatus,
  TRANSITIONS,
} from "../../../src/order/index.ts";
import type { Step } from "./lives.ts";

/** What the chart keeps of an order: the same quantities as the store, of one order. */
export interface OrderContext {
  readonly lots: number;
  readonly ticks: number;
  readonly cum: number;
  readonly notional: number;
  readonly leaves: number;
  /** By execution id. Changed in place: a copy an event would be the purer and slower way. */
  readonly executions: Map<number, Step>;
  /** Unanswered requests, oldest first. */
  readonly pending: readonly Step[];
}

type Look = { readonly context: OrderContext; readonly event: Step };
type Targets = readonly OrderStatus[];

/** The events of the lives, where each may lead, and what each does to the quantities. */
const RULES: Partial<
  Record<OrderEventName, { readonly to: Targets; readonly account: (look: Look) => Partial<OrderContext> }>
> = {
  submit: { to: ["pendingNew"], account: () => ({}) },
  ack: { to: ["new"], account: () => ({}) },
  trade: { to: ["filled", "partiallyFilled"], account: book },
  cancelRequest: { to: ["pendingCancel"], account: pend },
  replaceRequest: { to: ["pendingReplace"], account: pend },
  cancelAck: { to: ["canceled"], account: (look) => ({ ...answer(look), leaves: 0 }) },
  cancelReject: { to: ["filled", "partiallyFilled", "new"], account: answer },
  replaceAck: { to: ["filled", "partiallyFilled", "new"], account: replace },
};

/**
 * An XState 5 machine of the order's transition table: a state for each reported status, a transition for each
 * event `TRANSITIONS` calls legal there, with the same accounting. An event the rules do not cover changes
 * nothing.
 */
export const orderChart = createMachine({
  types: {} as { context: OrderContext; events: Step; input: { lots: number; ticks: number } },
  id: "order",
  initial: "created",
  context: ({ input: { lots, ticks } }) => ({
    lots,
    ticks,
    cum: 0,
    notional: 0,
    leaves: lots,
    executions: new Map(),
    pending: [],
  }),
  states: Object.fromEntries(ORDER_STATUSES.map((status) => [status, { on: eventsOf(status) }])),
});

function eventsOf(status: OrderStatus): Record<string, object[]> {
  const legal = Object.entries(RULES).filter(
    ([event]) => TRANSITIONS[status][event as OrderEventName] !== "x",
  );
  return Object.fromEntries(
    legal.map(([event, { to, account }]) => [event, transitionsOf(status, event, to, account)]),
  );
}

/**
 * The transitions of one event in one state, the likeliest first, each guarded but the last. Where a request
 * is pending, the state is left only by what answers it.
 */
function transitionsOf(
  status: OrderStatus,
  event: string,
  to: Targets,
  account: (look: Look) => Partial<OrderContext>,
): object[] {
  const actions = assign(account as never);
  const isWaiting = status === "pendingCancel" || status === "pendingReplace";
  const isOver = status === "canceled";
  const stays = { actions };
  const repeated = { guard: ({ context, event }: Look) => context.executions.has(event.execId) };
  if (event === "trade") {
    if (isWaiting || isOver) return [repeated, stays];
    return [
      repeated,
      {
        guard: ({ context, event }: Look) => context.cum + event.lots >= context.lots,
        target: "filled",
        actions,
      },
      { target: "partiallyFilled", actions },
    ];
  }
  if (event === "ack" && status !== "pendingNew") return [stays];
  const [first] = to;
  if (to.length === 1) return [{ target: first, actions }];
  return [
    { guard: ({ context }: Look) => context.pending.length > 1, actions },
    { guard: (look: Look) => look.context.cum === 0, target: "new", actions },
    { guard: (look: Look) => look.context.cum < lotsAfter(look), target: "partiallyFilled", actions },
    { target: "filled", actions },
  ];
}

function lotsAfter({ context, event }: Look): number {
  if (event.type !== "replaceAck") return context.lots;
  return context.pending.find(({ requestId }) => requestId === event.requestId)?.lots ?? context.lots;
}

function book({ context, event }: Look): Partial<OrderContext> {
  context.executions.set(event.execId, event);
  const cum = context.cum + event.lots;
  return {
    cum,
    notional: context.notional + event.lots * event.ticks,
    leaves: context.leaves > event.lots ? context.leaves - event.lots : 0,
  };
}

function pend({ context, event }: Look): Partial<OrderContext> {
  return { pending: [...context.pending, event] };
}

function answer({ context, event }: Look): Partial<OrderContext> {
  return { pending: context.pending.filter(({ requestId }) => requestId !== event.requestId) };
}

function replace(look: Look): Partial<OrderContext> {
  const { context, event } = look;
  const request = context.pending.find(({ requestId }) => requestId === event.requestId);
  const lots = Math.max(lotsAfter(look), context.cum);
  return { ...answer(look), lots, ticks: request?.ticks ?? context.ticks, leaves: lots - context.cum };
}
