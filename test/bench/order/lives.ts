import { ORDER_EVENT, type OrderEventName, type OrderMachineEvent } from "../../../src/order/index.ts";

/** One thing that happens to an order, in the numbers every side of the bench is given. */
export interface Step {
  readonly type: OrderEventName;
  readonly execId: number;
  readonly lots: number;
  readonly ticks: number;
  readonly requestId: number;
}

/** What happens to an order of `lots` at `ticks`, from `submit` to its end. */
export interface Life {
  readonly lots: number;
  readonly ticks: number;
  readonly steps: readonly Step[];
}

const LOTS = 100;
const TICKS = 5000;

function step(type: OrderEventName, of: Partial<Step> = {}): Step {
  return { type, execId: 0, lots: 0, ticks: 0, requestId: 0, ...of };
}

function trade(execId: number, lots: number): Step {
  return step("trade", { execId, lots, ticks: TICKS - execId });
}

function life(...steps: readonly Step[]): Life {
  return { lots: LOTS, ticks: TICKS, steps: [step("submit"), step("ack"), ...steps] };
}

/** The lives that are timed, by name. */
export const LIVES: Readonly<Record<string, Life>> = {
  fill: life(trade(1, LOTS)),
  "5 partials, fill": life(...[1, 2, 3, 4, 5, 6].map((id) => trade(id, id < 6 ? 10 : 50))),
  // Fills cross the cancel on its way, one of them is reported twice.
  "cancel race": life(
    trade(1, 20),
    step("cancelRequest", { requestId: 1 }),
    trade(2, 30),
    trade(2, 30),
    step("cancelAck", { requestId: 1 }),
  ),
  // A fill crosses the replace; then the order fills while a cancel is on its way, which comes too late.
  "replace race": life(
    step("replaceRequest", { requestId: 1, lots: 150, ticks: TICKS + 5 }),
    trade(1, 40),
    step("replaceAck", { requestId: 1 }),
    step("cancelRequest", { requestId: 2 }),
    trade(2, 110),
    step("cancelReject", { requestId: 2 }),
  ),
};

/** A life as columns, for the store: `code[i]` and the numbers of its i-th event. */
export interface LifeColumns {
  readonly n: number;
  readonly code: Uint8Array;
  readonly execId: Int32Array;
  readonly lots: Int32Array;
  readonly ticks: Int32Array;
  readonly requestId: Int32Array;
}

export function columnsOf({ steps }: Life): LifeColumns {
  const column = (pick: (step: Step) => number): Int32Array => Int32Array.from(steps, pick);
  return {
    n: steps.length,
    code: Uint8Array.from(steps, ({ type }) => ORDER_EVENT[type]),
    execId: column((each) => each.execId),
    lots: column((each) => each.lots),
    ticks: column((each) => each.ticks),
    requestId: column((each) => each.requestId),
  };
}

/** A life in the words of the friendly machine. */
export function wordsOf({ steps }: Life): readonly OrderMachineEvent[] {
  return steps.map(({ type, execId, lots, ticks, requestId }) => {
    switch (type) {
      case "trade":
        return { type, execId, lots, priceTicks: ticks };
      case "replaceRequest":
        return { type, requestId, lots, priceTicks: ticks };
      case "cancelRequest":
      case "cancelAck":
      case "replaceAck":
      case "cancelReject":
        return { type, requestId };
      case "submit":
      case "ack":
        return { type };
      default:
        throw new Error(`no words for ${type}`);
    }
  });
}
