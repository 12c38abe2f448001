import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type KernelSection,
  kernelStateHash,
  loadKernel,
  saveKernel,
  TradingKernel,
} from "../../src/kernel/index.ts";
import { ROW_FLAG, restoreOrders } from "../../src/order/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KeptDoor, type Sent } from "../fixtures/kernel-driver.ts";
import { CASTS } from "./kernel-snapshot-strategies.ts";
import { drawOptions, INSTRUMENTS, type Input, settle, World } from "./kernel-snapshot-world.ts";

interface Made {
  readonly kernel: TradingKernel;
  readonly doors: readonly KeptDoor[];
}

function make(seed: number, strategies: readonly Strategy[]): Made {
  const kernel = new TradingKernel({ ...drawOptions(seed), strategies });
  const doors = INSTRUMENTS.map(() => new KeptDoor());
  for (const [i, door] of doors.entries()) kernel.connect(i, door);
  return { kernel, doors };
}

/** Sections as words where they are words, so that a difference can be read. */
function readable(sections: readonly KernelSection[]): Record<string, string> {
  const isText = (name: string) => ["kernel", "ledger", "strategies"].includes(name);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return Object.fromEntries(
    sections.map(({ name, bytes }) => [name, isText(name) ? text(bytes) : hex(bytes)]),
  );
}

function end({ kernel }: Made): unknown {
  const { effects } = kernel;
  const [hex, count, state] = [effects.hex(), effects.count, kernel.finalState()];
  return { hex, count, state, sections: readable(saveKernel(kernel)) };
}

interface Taken {
  readonly at: number;
  readonly sections: readonly KernelSection[];
  /** What each door had been handed. */
  readonly sent: readonly number[];
}

interface Run {
  readonly made: Made;
  readonly inputs: readonly Input[];
  readonly taken: readonly Taken[];
}

/** Drives a kernel, and saves it before the inputs `cuts` say. */
function drive(seed: number, strategies: readonly Strategy[], length: number, cuts: readonly number[]): Run {
  const made = make(seed, strategies);
  const world = new World(seed, made.kernel, made.doors);
  const inputs: Input[] = [];
  const taken: Taken[] = [];
  for (let i = 0; i < length; i++) {
    if (cuts.includes(i)) {
      taken.push({
        at: i,
        sections: saveKernel(made.kernel),
        sent: made.doors.map((door) => door.sent.length),
      });
    }
    const plain = { ns: 1_000 + i, at: 0 };
    const input: Input = i === 0 ? { ...plain, what: "start" } : world.next();
    settle(made.kernel, input);
    inputs.push(input);
  }
  const last = inputs[inputs.length - 1] as Input;
  inputs.push({ what: "stop", ns: last.ns, at: 0 });
  settle(made.kernel, inputs[inputs.length - 1] as Input);
  return { made, inputs, taken };
}

const sentFrom = (made: Made, from: readonly number[]): readonly Sent[][] =>
  made.doors.map((door, i) => door.sent.slice(from[i]));

const seeds = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  length: fc.noBias(fc.integer({ min: 20, max: 500 })),
  cuts: fc.array(fc.noBias(fc.nat(999)), { minLength: 2, maxLength: 4 }),
});

describe("a kernel that is loaded from a snapshot goes on as the one it was taken of", () => {
  it.each(Object.entries(CASTS))("with %s", (_name, cast) => {
    fc.assert(
      fc.property(seeds, ({ seed, length, cuts }) => {
        const places = [...new Set(cuts.map((cut) => 1 + Math.floor((cut / 1_000) * (length - 1))))].sort(
          (a, b) => a - b,
        );
        const { made, inputs, taken } = drive(seed, cast(), length, places);
        const wanted = end(made);
        for (const { at, sections, sent } of taken) {
          const again = make(seed, cast());
          loadKernel(again.kernel, sections);
          const reloaded = saveKernel(again.kernel);
          expect(readable(reloaded)).toEqual(readable(sections));
          expect(kernelStateHash(reloaded)).toBe(kernelStateHash(sections));
          for (let i = at; i < inputs.length; i++) {
            const later = taken.find((each) => each.at === i && i > at);
            if (later !== undefined)
              expect(readable(saveKernel(again.kernel))).toEqual(readable(later.sections));
            settle(again.kernel, inputs[i] as Input);
          }
          expect(again.doors.map((door) => door.sent)).toEqual(sentFrom(made, sent));
          expect(end(again)).toEqual(wanted);
        }
        const undisturbed = make(seed, cast());
        for (const input of inputs) settle(undisturbed.kernel, input);
        expect(end(undisturbed)).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it("meets everything a kernel can hold", () => {
    const met = new Set<string>();
    const asked = new Set<string>();
    const note = (name: string, is: boolean): void => {
      asked.add(name);
      if (is) met.add(name);
    };
    for (let seed = 1; seed <= 12; seed++) {
      const cast = seed % 2 === 0 ? "NastyStrategy" : "all of them";
      const { made, taken } = drive(
        seed,
        (CASTS[cast] as () => readonly Strategy[])(),
        400,
        [15, 150, 300, 399],
      );
      for (const { sections } of taken) {
        const { kernel, strategies } = readable(sections);
        const { timers, desk, settlement, stations } = JSON.parse(kernel as string);
        note(
          "a timer that fires once",
          timers.timers.some((each: { periodNs: unknown }) => each.periodNs === null),
        );
        note(
          "a timer that repeats",
          timers.timers.some((each: { periodNs: unknown }) => each.periodNs !== null),
        );
        note("timers that are gone", timers.ids > timers.timers.length);
        note(
          "a tag",
          desk.tags.some(([, tag]: [number, string]) => tag.includes("😀")),
        );
        note("orders that linger", desk.lingering.length > 0);
        note("stale reports", settlement.staleReports > 0);
        note("anomalies", settlement.anomalies > 0);
        note(
          "traded volume",
          settlement.fees.some((fees: { volume: string }) => Number(fees.volume) > 150_000),
        );
        note(
          "a quote",
          stations.some((each: { quote: number[] }) => (each.quote[0] as number) > 0),
        );
        note(
          "a mark of the venue's own",
          stations.some((each: { settleTicks: unknown }) => each.settleTicks !== null),
        );
        note(
          "a warm-up that goes on",
          JSON.parse(strategies as string).some((each: { warmLeft: number }) => each.warmLeft > 0),
        );
        const orders = restoreOrders(sections.find(({ name }) => name === "orders")?.bytes as Uint8Array);
        for (let row = 0; row < orders.capacity; row++) {
          if ((orders.id[row] as number) === 0) continue;
          note("an order that is out", orders.isOpen(row));
          note("an unanswered request", (orders.pendingCount[row] as number) > 0);
          note("a partial fill", orders.isOpen(row) && (orders.cumLots[row] as number) > 0);
          note("a bust that waits for its execution", (orders.heldCount[row] as number) > 0);
          note("an unknown order", ((orders.flags[row] as number) & ROW_FLAG.unknown) !== 0);
          note(
            "an order a bust brought back",
            ((orders.flags[row] as number) & ROW_FLAG.bustedAfterTerminal) !== 0,
          );
        }
      }
      note(
        "a book that is crossed",
        made.kernel.stations.some(({ book }) => book.isCrossed),
      );
    }
    expect([...asked].filter((name) => !met.has(name))).toEqual([]);
  });
});
