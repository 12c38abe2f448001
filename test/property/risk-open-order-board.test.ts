import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { BOARD_READ, BOARD_STATE, OpenOrderBoard, OpenOrderEntry } from "../../src/risk/open-order-board.ts";
import { boardEntry, isSameEntry } from "../fixtures/kill-board-entry.ts";

const SLOTS = 24;
const READER = new URL("../fixtures/kill-board-reader.ts", import.meta.url);

type Step =
  | { readonly do: "publish"; readonly slot: number; readonly number: number; readonly state: number }
  | { readonly do: "setState"; readonly slot: number; readonly state: number }
  | { readonly do: "remove"; readonly slot: number };

const slot = fc.nat(SLOTS - 1);
const state = fc.constantFrom(1, 2, 3, 4);
const number = fc.oneof(fc.nat(), fc.nat(Number.MAX_SAFE_INTEGER));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("publish" as const), slot, number, state }),
    fc.record({ do: fc.constant("setState" as const), slot, state }),
    fc.record({ do: fc.constant("remove" as const), slot }),
  ),
  { maxLength: 60 },
);

describe("the board of open orders", () => {
  it("shows another opener exactly what a plain map holds, after every step", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const board = new OpenOrderBoard(SLOTS);
        const reader = new OpenOrderBoard(board.buffer);
        const model = new Map<number, { readonly number: number; state: number }>();
        const entry = new OpenOrderEntry();
        const found = new OpenOrderEntry();
        let highWater = 0;
        let changes = 0;
        for (const step of taken) {
          const own = model.get(step.slot);
          if (step.do === "publish") {
            boardEntry(entry, step.number).state = step.state;
            board.publish(step.slot, entry);
            model.set(step.slot, { number: step.number, state: step.state });
            highWater = Math.max(highWater, step.slot + 1);
            changes += 1;
          } else if (step.do === "remove") {
            expect(board.remove(step.slot)).toBe(model.delete(step.slot));
            if (own !== undefined) changes += 1;
          } else if (own !== undefined) {
            board.setState(step.slot, step.state);
            own.state = step.state;
            changes += 1;
          }
          expect([reader.open, reader.highWater, reader.changes]).toEqual([model.size, highWater, changes]);
          const seen = model.get(step.slot);
          expect(reader.read(step.slot, found)).toBe(seen === undefined ? BOARD_READ.empty : BOARD_READ.open);
          if (seen === undefined) continue;
          expect(found.state).toBe(seen.state);
          expect(isSameEntry(found, boardEntry(entry, seen.number))).toBe(true);
        }
      }),
    );
  });

  it("never shows a reader in another thread an order that was not, and loses none", async () => {
    const board = new OpenOrderBoard(SLOTS);
    const counts = new SharedArrayBuffer(20);
    const words = new Int32Array(counts);
    const worker = new Worker(READER, { workerData: { buffer: board.buffer, counts } });
    const over = new Promise<number>((done, fail) => {
      worker.once("error", fail);
      worker.once("exit", done);
    });
    Atomics.wait(words, 4, 0, 20_000);
    const model = new Map<number, number>();
    const prng = new Prng(7);
    const entry = new OpenOrderEntry();
    let next = 1;
    // Until the reader has often met a slot in the middle of a write; few slots, so that it does.
    const isEnough = (): boolean => Atomics.load(words, 1) > 150_000 && Atomics.load(words, 2) > 1_500;
    for (let i = 0; i < 20_000_000 && !isEnough(); i++) {
      const at = Math.floor(prng.float() * 3);
      const dice = prng.float();
      if (dice < 0.7) {
        board.publish(at, boardEntry(entry, next));
        model.set(at, next);
        next += dice < 0.01 ? 4_294_967_296 : 1;
      } else if (dice < 0.9) expect(board.remove(at)).toBe(model.delete(at));
      else if (model.has(at)) board.setState(at, BOARD_STATE.canceling);
    }
    Atomics.store(words, 0, 1);
    await over;
    const [, reads, busy, torn] = words;
    console.log(
      `board: ${reads} orders read while written, ${busy} reads of a slot being written, ${torn} torn`,
    );
    expect(torn).toBe(0);
    expect(reads).toBeGreaterThan(150_000);
    expect(busy).toBeGreaterThan(1_500);
    expect(board.open).toBe(model.size);
    const found = new OpenOrderEntry();
    for (let at = 0; at < SLOTS; at++) {
      const seen = model.get(at);
      expect(board.read(at, found)).toBe(seen === undefined ? BOARD_READ.empty : BOARD_READ.open);
      if (seen !== undefined) expect(isSameEntry(found, boardEntry(entry, seen))).toBe(true);
    }
  });
});
