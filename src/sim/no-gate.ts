import { Fault } from "../base/index.ts";
import type { ApprovalTaker } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";

/** The gate of a door that is bound to none: it takes nothing. */
export const NO_GATE: ApprovalTaker<ApprovedOrder> = Object.freeze({
  take(): never {
    throw new Fault("FAULT_APPROVAL", {
      path: "venue",
      value: "no gate",
      expected: "a door that is bound to a gate",
    });
  },
});
