import { expect, it } from "vitest";
import { nativeDoor } from "../../src/base/native.ts";
import { describeNative } from "../fixtures/native-here.ts";

type Call = (...given: unknown[]) => unknown;
type Door = Record<string, Call>;

const EINVAL = -22;
const EFAULT = -14;
const ODD = [
  undefined,
  null,
  Number.NaN,
  -1,
  0.5,
  1e300,
  2 ** 32,
  "1",
  1n,
  {},
  [],
  new Uint8Array(4),
  Symbol("s"),
];

describeNative("the doors beneath the native book and signals", () => {
  const { open } = nativeDoor("book") as { open: Call };
  const signal = nativeDoor("signal") as Door;

  it("answer a code for what no book can be", () => {
    for (const odd of ODD) {
      expect(open(odd, 1)).toBe(EINVAL);
      expect(open(1, odd)).toBe(EINVAL);
    }
    expect(open()).toBe(EINVAL);
    expect([open(0, 1), open(1, 16_385), open(2 ** 27, 1)]).toEqual([EINVAL, EINVAL, EINVAL]);
  });

  it("register nothing but two columns that stay", () => {
    const book = open(10, 2) as Door;
    const register = book.register as Call;
    for (const odd of [...ODD, new Float64Array(new ArrayBuffer(64, { maxByteLength: 128 }))]) {
      expect(register(odd, new Int32Array(4))).toBe(EINVAL);
      expect(register(new Float64Array(4), odd)).toBe(EINVAL);
    }
    expect(register(new Float64Array(4))).toBe(EINVAL);
    const [rows, results] = [new Float64Array(11), new Int32Array(9)];
    const process = register(rows, results) as Call;
    for (const odd of [...ODD, 3]) expect(process(odd)).toBe(EINVAL);
    expect(process()).toBe(EINVAL);
    expect(process(2)).toBe(2);
    expect([...results]).toEqual([-1, 0, -0x40000000, 0x3fffffff, -1, 0, -0x40000000, 0x3fffffff, 0]);
    structuredClone(results.buffer, { transfer: [results.buffer] });
    expect(process(1)).toBe(EFAULT);
    expect(process(0)).toBe(EFAULT);
  });

  it("answer reads of what is not there", () => {
    const book = open(10, 2) as Door;
    const names = Object.keys(book).filter((name) => name !== "register");
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      for (const first of ODD) {
        for (const second of ODD) expect(book[name]?.(first, second)).toBeTypeOf("number");
      }
      expect(book[name]?.()).toBeTypeOf("number");
    }
  });

  it("keep the memory of a book whose owner is gone, and of none for ever", () => {
    for (let i = 0; i < 2000; i++) {
      const { register } = open(1000, 2) as { register: Call };
      const process = register(new Float64Array(4096), new Int32Array(4096)) as Call;
      expect(process(1)).toBe(1);
    }
  });

  it("answer a code for columns that do not fit", () => {
    const cells = new Float64Array(4);
    for (const name of ["quoteFlows", "bookImbalances", "sumDepth"]) {
      const call = signal[name] as Call;
      expect(call()).toBe(EINVAL);
      for (const odd of ODD) {
        expect(call(odd, cells, cells, cells, cells, cells)).toBe(EINVAL);
        expect(call(0, odd, cells, odd, cells, odd)).toBe(EINVAL);
      }
    }
    const quotes = [new Int32Array(4), cells, new Int32Array(4), cells] as const;
    expect(signal.quoteFlows?.(0, ...quotes, new Float64Array(3))).toBe(EINVAL);
    expect(signal.quoteFlows?.(3, ...quotes, cells)).toBe(EINVAL);
    expect(signal.bookImbalances?.(0, cells, cells, 3, new Float64Array(2))).toBe(EINVAL);
    expect(signal.sumDepth?.(0, new Int32Array(4), cells, 4, 1, new Float64Array(2))).toBe(EINVAL);
  });
});
