import type { Refusal } from "../base/index.ts";
import type { FillView, ParentView } from "../strategy/index.ts";
import type { Station } from "./station.ts";
import type { StrategyLine } from "./strategy-line.ts";
import type { Ticket } from "./ticket.ts";

/**
 * Someone who watches the kernel after each effect and can change nothing.
 *
 * @units times in ns from the session's base
 */
export interface KernelObserver {
  submitted(ticket: Ticket, station: Station, nowNs: number): void;
  refused(refusal: Refusal): void;
  /** A report that is no fill; `kind` is a code of `REPORT`. */
  reported(kind: number, ticket: Ticket, reason: string, nowNs: number, exchNs: number): void;
  filled(fill: FillView, ticket: Ticket, station: Station): void;
  /** A cancel of the order leaves. */
  canceling?(ticket: Ticket, nowNs: number): void;
  /** An execution of the order was busted or corrected at `exchNs`: what counts now stands in the order store. */
  amended?(ticket: Ticket, station: Station, exchNs: number): void;
  /** A strategy told of a parent that it works by orders, after anything about it changed. */
  parented?(parent: ParentView, strategy: string, nowNs: number): void;
  /** A strategy wrote a line into its log: its effect is recorded. */
  logged?(line: StrategyLine): void;
}
