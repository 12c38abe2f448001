import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { DepthTapeBuilder, type MemoryTape, utcDayBase } from "../../../src/feed/index.ts";
import { type DepthBlock, type InstrumentOptions, LAST, ROW, SNAPSHOT } from "../../../src/model/index.ts";

/** Binance USD-M BTCUSDT as of the capture: what the rows of both sides are counted in. */
export const USDM_BTCUSDT: InstrumentOptions = {
  symbol: "BTCUSDT",
  venue: "binance-usdm",
  tickSize: "0.1",
  lotSize: "0.001",
  quote: "USDT",
};

const TICKS_PER_UNIT = 10;
const LOTS_PER_UNIT = 1_000;
const LEAST_LATENCY_NS = 1_000_000;

type Levels = readonly (readonly [string, string])[];

interface Diff {
  readonly e: "depthUpdate";
  readonly T: number;
  readonly u: number;
  readonly pu: number;
  readonly b: Levels;
  readonly a: Levels;
}

interface Trade {
  readonly e: "trade";
  readonly T: number;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
}

interface Snapshot {
  readonly lastUpdateId: number;
  readonly T: number;
  readonly bids: Levels;
  readonly asks: Levels;
}

interface Row {
  readonly kind: number;
  readonly tick: number;
  readonly lots: number;
}

interface Message {
  readonly exchNs: bigint;
  readonly localNs: bigint;
  readonly rows: readonly Row[];
}

/**
 * Reads a raw Binance USD-M capture (one line: local epoch ns, a space, JSON) into a depth tape, by the
 * exchange's own rule: diffs wait for the REST snapshot, those it already contains are dropped, the rest must
 * chain. The tape starts with a clear and the snapshot; quote rows are left out; local times are shifted so
 * that the least latency is 1 ms, since the recorder's clock runs behind the exchange's.
 *
 * Deliberately slow and plain: it is the peers' input, not the product's importer.
 */
export function captureTape(path: string): MemoryTape<DepthBlock> {
  const messages = readMessages(gunzipSync(readFileSync(path)).toString("latin1"));
  const first = messages[0];
  if (first === undefined) throw new Error(`${path} holds no snapshot`);
  const shiftNs = leastLatencyShift(messages);
  const baseNs = utcDayBase(first.exchNs);
  const tape = new DepthTapeBuilder({
    instrument: USDM_BTCUSDT,
    baseNs,
    source: path.split("/").at(-1) ?? path,
    simulated: false,
    localFalls: "clamp",
  });
  for (const { exchNs, localNs, rows } of messages) {
    rows.forEach((row, i) => {
      const kind = i === rows.length - 1 ? row.kind | LAST : row.kind;
      tape.push(Number(exchNs - baseNs), Number(localNs + shiftNs - baseNs), kind, row.tick, row.lots);
    });
  }
  return tape.build();
}

function readMessages(text: string): Message[] {
  const messages: Message[] = [];
  const waiting: Diff[] = [];
  let snapshotId = 0;
  let previous = 0;
  const apply = (diff: Diff, localNs: bigint): void => {
    if (diff.u < snapshotId) return;
    if (previous !== 0 && diff.pu !== previous) throw new Error(`diff ${diff.u} does not follow ${previous}`);
    previous = diff.u;
    const rows = [...levels(ROW.bid, diff.b), ...levels(ROW.ask, diff.a)];
    if (rows.length > 0) messages.push({ exchNs: nanos(diff.T), localNs, rows });
  };
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const localNs = BigInt(line.slice(0, space));
    const json = JSON.parse(line.slice(space + 1)) as Snapshot | { data: Diff | Trade | { e: "bookTicker" } };
    if ("lastUpdateId" in json) {
      snapshotId = json.lastUpdateId;
      messages.push({ exchNs: nanos(json.T), localNs, rows: snapshotRows(json) });
      for (const diff of waiting) apply(diff, localNs);
    } else if (json.data.e === "depthUpdate") {
      if (snapshotId === 0) waiting.push(json.data);
      else apply(json.data, localNs);
    } else if (json.data.e === "trade" && snapshotId !== 0) {
      const { T, p, q, m } = json.data;
      const row = {
        kind: m ? ROW.sell : ROW.buy,
        tick: units(p, TICKS_PER_UNIT),
        lots: units(q, LOTS_PER_UNIT),
      };
      messages.push({ exchNs: nanos(T), localNs, rows: [row] });
    }
  }
  return messages;
}

function snapshotRows(snapshot: Snapshot): Row[] {
  return [
    { kind: ROW.clear | SNAPSHOT, tick: 0, lots: 0 },
    ...levels(ROW.bid | SNAPSHOT, snapshot.bids),
    ...levels(ROW.ask | SNAPSHOT, snapshot.asks),
  ];
}

function levels(kind: number, from: Levels): Row[] {
  return from.map(([price, quantity]) => ({
    kind,
    tick: units(price, TICKS_PER_UNIT),
    lots: units(quantity, LOTS_PER_UNIT),
  }));
}

/** Whole units of a decimal that lies on the grid; throws where it does not. */
function units(text: string, perOne: number): number {
  const whole = Math.round(Number(text) * perOne);
  if (Math.abs(whole / perOne - Number(text)) > 1e-9)
    throw new Error(`${text} is off the grid of 1/${perOne}`);
  return whole;
}

function nanos(millis: number): bigint {
  return BigInt(millis) * 1_000_000n;
}

function leastLatencyShift(messages: readonly Message[]): bigint {
  let shift: bigint | undefined;
  for (const { exchNs, localNs } of messages) {
    const behind = exchNs - localNs;
    if (shift === undefined || behind > shift) shift = behind;
  }
  return (shift ?? 0n) + BigInt(LEAST_LATENCY_NS);
}
