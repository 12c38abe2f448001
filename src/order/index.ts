export { apply } from "./apply.ts";
export { replaceRequestOutcome } from "./apply-request.ts";
export { checkInvariants } from "./check-invariants.ts";
export { ClientOrderIds, type ClientOrderIdsOptions, ID_ANSWER } from "./client-order-ids.ts";
export { EXECUTION, ExecutionPool } from "./execution-pool.ts";
export type { EventId } from "./id-numbers.ts";
export { OrderColumns, type OrderTerms, REQUEST, ROW_FLAG } from "./order-columns.ts";
export {
  ORDER_EVENT,
  ORDER_EVENTS,
  OrderEvent,
  type OrderEventName,
  REPORTED_BY_CODE,
  REQUEST_REJECT,
  RESTATEMENT,
} from "./order-event.ts";
export type { OrderMachineEvent } from "./order-machine-event.ts";
export {
  CONDITIONAL_FIELDS,
  type ConditionalField,
  checkOrderShape,
  type FieldRule,
  ORDER_TYPE_FIELDS,
  ORDER_TYPE_TERMS,
  TIME_IN_FORCE_FIELDS,
} from "./order-shape.ts";
export { restoreOrders, snapshotOrders } from "./order-snapshot.ts";
export {
  OrderStateMachine,
  type OrderStateMachineOptions,
  type PendingRequest,
} from "./order-state-machine.ts";
export { OrderStore, type OrderStoreOptions } from "./order-store.ts";
export { OUTCOME, OUTCOMES, type OutcomeName, RECONCILE_BY_CODE } from "./outcome.ts";
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
export {
  guardedTicks,
  type ReferencePrices,
  referenceTicks,
  stopFires,
  TRIGGER,
  type TriggerSource,
} from "./stop-trigger.ts";
export { LEGAL_BY_CODE, type Legality, STATUS_CHANGES, TRANSITIONS } from "./transitions.ts";
