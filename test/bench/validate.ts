import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type CaptureMarket, importCapture } from "../../src/feed/index.ts";
import { generateDepthTape } from "../../src/sim/index.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";
import { BareLineSide, linesOf, ValidLineSide } from "./feed/live-path.ts";
import { BookSide, messagesOf, type Side, ValidatorSide } from "./feed/messages.ts";
import { spreadOf } from "./rounds.ts";

const DATA = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const ROUNDS = 15;
const WARM_UPS = 2;
/** Messages that one side handles before the other has its turn: short enough to be left alone on a busy machine. */
const CHUNK = 256;

const SIMULATED = { symbol: "SIM", venue: "sim", tickSize: "0.1", lotSize: "0.001", quote: "USDT" };

/** What two sides took for the same messages: by round, and by the quietest turn of each run of messages. */
interface Duel {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
  readonly quiet: readonly [ours: number, bare: number];
}

/** What validation costs: a row in the kernel, and its share of the way from bytes to a callback. */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const market of ["usdm", "spot"] as const) {
    const path = `${DATA}/binance-raw/${market}_btcusdt_20240808.gz`;
    if (existsSync(path)) benchCapture(market, gunzipSync(readFileSync(path)), rows, notes);
    else notes.push(`${market}: left out, the capture is not at ${path} (set TICKWRIGHT_DATA)`);
  }
  if (rows.length === 0) benchSimulated(rows, notes);
  return { rows, notes };
}

function benchCapture(market: CaptureMarket, raw: Buffer, rows: BenchRow[], notes: string[]): void {
  const { tape } = importCapture({ market }, () => [raw]);
  const messages = messagesOf(tape);
  const count = messages.block.n;
  const sides: ValidatorSide[] = [];
  const kernel = duel(
    () => keep(sides, new ValidatorSide(messages, market === "usdm")),
    () => new BookSide(messages),
    messages.ends.length,
    count,
  );
  inKernel(market, kernel, rows, notes);
  const { verdicts, reasons } = (sides.at(-1) as ValidatorSide).validator.counts();
  notes.push(
    `${market}: ${count} rows, ${messages.ends.length} messages: ${JSON.stringify({ verdicts, reasons })}`,
  );
  const lines = linesOf(raw);
  const paths: ValidLineSide[] = [];
  const size = lines.starts.length;
  const live = duel(
    () => keep(paths, new ValidLineSide(market, lines)),
    () => new BareLineSide(market, lines),
    size,
    count,
  );
  livePath(`${market}: bytes to callback`, live, rows, notes);
  const last = paths.at(-1) as ValidLineSide;
  notes.push(`${market}, from bytes: ${JSON.stringify(last.validator.counts().verdicts)}, ${last.rows} rows`);
}

function benchSimulated(rows: BenchRow[], notes: string[]): void {
  const messages = messagesOf(generateDepthTape({ instrument: SIMULATED, seed: 5, rows: 400_000 }));
  const make = (): Side => new ValidatorSide(messages);
  const result = duel(make, () => new BookSide(messages), messages.ends.length, messages.block.n);
  inKernel("simulated", result, rows, notes);
  notes.push("simulated: bytes are left out, there is no capture");
}

/** Both sides in turns of some messages, a fresh pair each round; ns a row. */
function duel(ours: () => Side, bare: () => Side, size: number, units: number): Duel {
  const [us, it]: [number[], number[]] = [[], []];
  const turns = Math.ceil(size / CHUNK);
  const least = [0, 1].map(() => new Float64Array(turns).fill(Number.POSITIVE_INFINITY)) as [
    Float64Array,
    Float64Array,
  ];
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const sides = [ours(), bare()] as const;
    const taken = [0, 0];
    for (let turn = 0; turn < turns; turn++) {
      for (const place of [0, 1]) {
        const which = ((turn + round + place) & 1) as 0 | 1;
        const ns = timed(sides[which], turn * CHUNK, Math.min((turn + 1) * CHUNK, size));
        taken[which] = (taken[which] as number) + ns;
        least[which][turn] = Math.min(least[which][turn] as number, ns);
      }
    }
    if (round < 0) continue;
    us.push((taken[0] as number) / units);
    it.push((taken[1] as number) / units);
  }
  const sum = (column: Float64Array): number => column.reduce((all, ns) => all + ns, 0) / units;
  return { ours: us, bare: it, quiet: [sum(least[0]), sum(least[1])] };
}

function timed(side: Side, from: number, to: number): number {
  const start = process.hrtime.bigint();
  side.run(from, to);
  const taken = Number(process.hrtime.bigint() - start);
  if (side.sum === 1e9) throw new Error("the sum is used");
  return taken;
}

function inKernel(name: string, { ours, bare, quiet }: Duel, rows: BenchRow[], notes: string[]): void {
  const own = quiet[0] - quiet[1];
  const ratio = spreadOf(ours.map((ns, i) => (bare[i] as number) / ns));
  rows.push({
    ...{ name: `${name}: validate, book, callback`, ours: quiet[0], unit: "ns/row" },
    ...{ peer: "book, callback", peerValue: quiet[1] },
    ...{ ratio: quiet[1] / quiet[0], ratioMin: ratio.min, ratioMax: ratio.max },
  });
  rows.push({
    ...{ name: `${name}: the validator alone`, ours: own, unit: "ns/row", peer: "10 ns", peerValue: 10 },
    ...{ ratio: 10 / own, ratioMin: 10 / own, ratioMax: 10 / own, aim: 1 },
  });
  const all = spreadOf(ours.map((ns, i) => ns - (bare[i] as number)));
  const figures = [all.min, all.median, all.max].map((ns) => ns.toFixed(1)).join(" .. ");
  notes.push(`${name}: the validator alone, by rounds: ${figures} ns/row`);
}

function livePath(name: string, { ours, bare, quiet }: Duel, rows: BenchRow[], notes: string[]): void {
  const ratio = spreadOf(ours.map((ns, i) => (bare[i] as number) / ns));
  const share = spreadOf(ours.map((ns, i) => 100 * (1 - (bare[i] as number) / ns)));
  const speed = spreadOf(ours.map((ns) => 1_000 / ns));
  rows.push({
    ...{ name, ours: quiet[0], unit: "ns/row", peer: "without validation", peerValue: quiet[1] },
    ...{ ratio: quiet[1] / quiet[0], ratioMin: ratio.min, ratioMax: ratio.max, floor: 0.7 },
  });
  rows.push({
    ...{ name, ours: 1_000 / quiet[0], unit: "M rows/s", peer: "1 M rows/s", peerValue: 1 },
    ...{ ratio: 1_000 / quiet[0], ratioMin: speed.min, ratioMax: speed.max, floor: 1 },
  });
  const [low, middle, high] = [share.min, share.median, share.max].map((percent) => percent.toFixed(0));
  const found = (100 * (1 - quiet[1] / quiet[0])).toFixed(0);
  notes.push(`${name}: validation is ${found} % of it, by rounds ${low} .. ${middle} .. ${high}; 30 at most`);
}

function keep<Kept>(list: Kept[], item: Kept): Kept {
  list.push(item);
  return item;
}
