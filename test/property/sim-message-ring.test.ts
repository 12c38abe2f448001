import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MESSAGE_FIELD, MESSAGE_STRIDE } from "../../src/model/index.ts";
import { MessageRing } from "../../src/sim/index.ts";

describe("MessageRing", () => {
  it("is a queue whose times never fall", () => {
    const step = fc.option(fc.integer({ min: 0, max: 1000 }), { freq: 2 });
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 4, 1024),
        fc.array(step, { maxLength: 200, size: "max" }),
        (capacity, steps) => {
          const ring = new MessageRing(capacity);
          const slow: { ns: number; id: number }[] = [];
          let id = 0;
          for (const timeNs of steps) {
            if (timeNs !== null) {
              id += 1;
              const offset = ring.push(timeNs);
              for (let i = 1; i < MESSAGE_STRIDE; i++) ring.cells[offset + i] = id;
              slow.push({ ns: Math.max(timeNs, slow.at(-1)?.ns ?? Number.NEGATIVE_INFINITY), id });
            } else if (slow.length > 0) {
              const first = slow.shift();
              expect(ring.cells[ring.first]).toBe(first?.ns);
              expect(ring.cells[ring.first + MESSAGE_FIELD.leavesLots]).toBe(first?.id);
              ring.shift();
            }
            expect(ring.size).toBe(slow.length);
            expect(ring.nextNs[0]).toBe(slow[0]?.ns ?? Number.POSITIVE_INFINITY);
          }
        },
      ),
    );
  });

  it.each([0, 3, -4, 1.5, Number.NaN, "8", 2 ** 23])("refuses a capacity of %s by name", (capacity) => {
    expect(() => new MessageRing(capacity as number)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path: "ring.capacity" }),
    );
  });
});
