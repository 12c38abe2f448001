import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DECISION_STRIDE, DecisionLog } from "../../src/risk/decision-log.ts";

describe("DecisionLog", () => {
  it("gives its records in their order and number, however many wait while it grows", () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom("drain", "blocks")), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.constantFrom(2, 64, 128, 256, 1024), steps, (capacity, work) => {
        const log = new DecisionLog(capacity);
        const seen: number[] = [];
        let written = 0;
        const drain = (step: string | number): void => {
          if (step === "drain") log.drain((cells, offset) => void seen.push(cells[offset] as number));
          else {
            log.drainBlocks((bytes) => {
              const cells = new Float64Array(bytes.slice().buffer);
              for (let at = 0; at < cells.length; at += DECISION_STRIDE) seen.push(cells[at] as number);
            });
          }
          expect(log.size).toBe(0);
        };
        for (const step of work) {
          if (typeof step === "string") drain(step);
          else {
            for (let i = 0; i < step && log.size < capacity; i++) {
              const at = log.next();
              written += 1;
              log.cells.fill(written, at, at + DECISION_STRIDE);
            }
          }
        }
        drain("drain");
        expect(seen).toEqual(Array.from({ length: written }, (_, i) => i + 1));
        expect(log.count).toBe(written);
      }),
    );
  });
});
