import type { EventId } from "./id-numbers.ts";
import type { OrderStatus } from "./status.ts";

/**
 * What can happen to an order, with words for people. Left-out ids mean the oldest request of that kind; `sequence`
 * is the report's place in what the venue said, `repeated` marks a possible duplicate.
 */
export type OrderMachineEvent = EventBody & { readonly sequence?: number; readonly repeated?: boolean };

/** The venue that numbered an execution, 0 to 65,535; the order's own unless given. */
interface Numbered {
  readonly execId: EventId;
  readonly venue?: number;
}

type EventBody =
  | {
      readonly type: "submit" | "ack" | "activate" | "timeout" | "disconnect" | "calculate";
      readonly reason?: number;
    }
  | {
      readonly type: "reject" | "expire" | "doneForDay" | "suspend" | "unsolicitedCancel";
      readonly reason?: number;
    }
  | ({ readonly type: "trade"; readonly lots: number; readonly priceTicks: number } & Numbered)
  | ({ readonly type: "bust"; readonly refExecId: EventId } & Numbered)
  | ({
      readonly type: "correct";
      readonly refExecId: EventId;
      readonly lots: number;
      readonly priceTicks: number;
    } & Numbered)
  | { readonly type: "cancelRequest" | "cancelAck"; readonly requestId?: EventId }
  | {
      readonly type: "replaceRequest";
      readonly requestId?: EventId;
      /** What is left out stays as the last replace, or else the order, has it. */
      readonly lots?: number;
      readonly priceTicks?: number;
    }
  | {
      readonly type: "replaceAck";
      readonly requestId?: EventId;
      readonly lots?: number;
      readonly priceTicks?: number;
    }
  | {
      readonly type: "restated";
      readonly lots?: number;
      readonly priceTicks?: number;
      /** A code of `RESTATEMENT`. */
      readonly reason?: number;
      /** A split: lots now for lots before. Lots and price that are left out are scaled. */
      readonly ratio?: readonly [to: number, from: number];
    }
  | { readonly type: "newDay"; readonly day: number }
  | {
      readonly type: "cancelReject" | "replaceReject";
      readonly requestId?: EventId;
      readonly reason?: number;
      readonly status?: OrderStatus;
    }
  | { readonly type: "stop"; readonly lots?: number }
  | {
      readonly type: "status";
      readonly status?: OrderStatus;
      readonly cumLots?: number;
      readonly leavesLots?: number;
    };
