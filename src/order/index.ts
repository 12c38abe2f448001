export { apply } from "./apply.ts";
export { checkInvariants } from "./check-invariants.ts";
export { EXECUTION, ExecutionPool } from "./execution-pool.ts";
export type { EventId } from "./id-numbers.ts";
export { ORDER_EVENT, ORDER_EVENTS, OrderEvent, type OrderEventName, REQUEST_REJECT } from "./order-event.ts";
export {
  type OrderMachineEvent,
  OrderStateMachine,
  type OrderStateMachineOptions,
  type PendingRequest,
} from "./order-state-machine.ts";
export { OrderStore, type OrderStoreOptions, type OrderTerms, REQUEST, ROW_FLAG } from "./order-store.ts";
export { OUTCOME, OUTCOMES, type OutcomeName } from "./outcome.ts";
export { ORDER_REFUSALS, type OrderRefusalCode, refuseRequest, refuseStoreFull } from "./refusals.ts";
export {
  DEAD_BY_CODE,
  OPEN_BY_CODE,
  ORDER_STATUS,
  ORDER_STATUSES,
  type OrderStatus,
  PRECEDENCE_BY_CODE,
  STATUS_ALIASES,
  STATUS_PRECEDENCE,
  type StatusAlias,
} from "./status.ts";
export { LEGAL_BY_CODE, type Legality, STATUS_CHANGES, TRANSITIONS } from "./transitions.ts";
