import type { AdverseWindow } from "./adverse-window.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { Locates } from "./locates.ts";
import type { LuldState } from "./luld-state.ts";
import type { OrderToTrade } from "./order-to-trade.ts";
import type { ProductPermissions } from "./product-permissions.ts";
import type { RepeatThrottle } from "./repeat-throttle.ts";
import type { RestrictedList } from "./restricted-list.ts";
import type { SelfMatch } from "./self-match.ts";
import type { ShortSale } from "./short-sale.ts";

/**
 * Further rules of a gate. Each is a primitive of its own: the caller builds it with as many places as the gate has
 * instruments, nodes, seats or orders, feeds it what only the caller knows, and the gate asks it and tells it of
 * every order.
 */
export interface GateRules {
  /** Which nodes may trade which classes; classes are numbered as `gate.classes`. */
  readonly permissions?: ProductPermissions;
  /** Places: instruments; nodes are the gate's. */
  readonly restricted?: RestrictedList;
  /** Own orders may not move a price too far within a window. */
  readonly drift?: AdverseWindow;
  /** Limit-up limit-down bands, for instruments priced in dollars. */
  readonly bands?: LuldState;
  /** The price test for short sales; days are those given to `gate.newDay`. */
  readonly shortSale?: ShortSale;
  /** Locates of each account node and instrument, for every short sale. Places: the gate's nodes, its orders. */
  readonly locates?: Locates;
  /** Strategies that repeat an execution too often; places: seats. */
  readonly repeats?: RepeatThrottle;
  /** Own resting orders that an order would meet, by account. */
  readonly selfMatch?: SelfMatch;
  /** Messages for each trade, by instrument. */
  readonly orderToTrade?: OrderToTrade;
  /** Breakers of everything: the gate takes new risk while none is open. */
  readonly breakers?: readonly CircuitBreaker[];
}
