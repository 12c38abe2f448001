import { isRefusal, Prng } from "../../src/base/index.ts";
import { nativeReport } from "../../src/base/native.ts";
import * as signal from "../../src/signal/index.ts";
import { columnKernels, type NativeKernels, SIMD_LEVELS } from "../../src/signal/native.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, ratioOf, spreadOf } from "./rounds.ts";

const ELEMENTS_A_RUN = 1 << 21;
const FLOOR = 1.5;
const LEVELS = 5;

type Kernel = (body: signal.ColumnKernels) => void;

/** The kernels over columns, each set of instructions against the same function in TypeScript. */
export async function bench(): Promise<BenchResult> {
  const { isAvailable, cause } = nativeReport();
  if (!isAvailable) return { rows: [], notes: [`left out, no binary: ${cause}`] };
  const native = SIMD_LEVELS.map((level) => columnKernels(level)).filter(
    (kernels): kernels is NativeKernels => !isRefusal(kernels),
  );
  const rows: BenchRow[] = [];
  for (const length of [1024, 65_536]) {
    for (const [name, kernel] of kernelsOver(length))
      rows.push(...(await benchKernel(name, length, kernel, native)));
  }
  return {
    rows,
    notes: ["elements: quotes, sizes of both sides, levels; columns written once, one crossed quote in 500"],
  };
}

async function benchKernel(
  name: string,
  length: number,
  kernel: Kernel,
  native: readonly NativeKernels[],
): Promise<BenchRow[]> {
  const repeats = ELEMENTS_A_RUN / length;
  const bodies: readonly [string, signal.ColumnKernels][] = [
    ["TypeScript", signal],
    ...native.map((kernels): [string, signal.ColumnKernels] => [kernels.level, kernels]),
  ];
  const variants = bodies.map(([body, kernels]) => ({
    name: body,
    run: () => {
      for (let k = 0; k < repeats; k++) kernel(kernels);
      return { units: ELEMENTS_A_RUN };
    },
  }));
  const measured = await interleave(variants, { rounds: 5, warmUps: 2 });
  const ours = measured.get("TypeScript") as Measured;
  return native.map(({ level }): BenchRow => {
    const body = measured.get(level) as Measured;
    return {
      name: `${name}, ${length} elements, ${level}`,
      ours: spreadOf(body.nsPerUnit).median,
      unit: "ns/element",
      peer: "TypeScript",
      peerValue: spreadOf(ours.nsPerUnit).median,
      ...ratioFields(ratioOf(ours, body)),
      ...(level === "scalar" ? {} : { floor: FLOOR }),
    };
  });
}

function kernelsOver(length: number): [string, Kernel][] {
  const rng = new Prng(7);
  const draw = (most: number) => 1 + rng.below(most);
  const bid = new Int32Array(length);
  const ask = new Int32Array(length);
  let mid = 100_000;
  for (let i = 0; i < length; i++) {
    mid += rng.below(3) - 1;
    bid[i] = mid;
    ask[i] = mid + (rng.below(500) === 0 ? -1 : 1 + rng.below(2));
  }
  const bidLots = Float64Array.from(bid, () => draw(1000));
  const askLots = Float64Array.from(bid, () => draw(1000));
  const flows = new Float64Array(length);
  const snapshots = new Float64Array(Math.floor(length / LEVELS));
  const filled = snapshots.length * LEVELS;
  const [bids, asks] = [bidLots.subarray(0, filled), askLots.subarray(0, filled)];
  const side = Int32Array.from(bid, (_tick, i) => 100_000 - i);
  return [
    ["quoteFlows", (body) => void body.quoteFlows({ bid, bidLots, ask, askLots }, flows)],
    ["bookImbalances", (body) => body.bookImbalances(bids, asks, LEVELS, snapshots)],
    ["sumDepth", (body) => void body.sumDepth(side, bidLots)],
    ["sumDepth within ticks", (body) => void body.sumDepth(side, bidLots, { ticks: length >> 1 })],
  ];
}
